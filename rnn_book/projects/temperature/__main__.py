"""Tomorrow's temperature: ``python -m rnn_book.projects.temperature COMMAND --help``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from rnn_book.projects.refusal import INTERRUPTED, Refusal, guarded
from rnn_book.projects.temperature.readings import AHEAD, Readings, book_readings, read_csv

MODEL = Path("temperature.safetensors")


def main(arguments: list[str] | None = None) -> int:
    """Parse, and run one of the commands."""
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command")
    try:
        return guarded(lambda: command(**options))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_book.projects.temperature", description=__doc__, allow_abbrev=False
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, words in (
        ("train", _train, "Train networks, and keep the recurrent one that validation prefers."),
        ("evaluate", _evaluate, "Compare a model with its rivals on hours that it has not seen."),
        ("forecast", _forecast, "Say how warm it will be 24 hours after a reading."),
    ):
        own = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
        own.set_defaults(command=command)
        own.add_argument(
            "--file",
            type=Path,
            help="CSV with the columns time (hourly) and temperature (°C), and what else you have; "
            "without it the book's year at Newark airport",
        )
        own.add_argument("--model", type=Path, default=MODEL, help="its file (%(default)s)")
    train, evaluate, forecast = (commands.choices[n] for n in ("train", "evaluate", "forecast"))
    train.add_argument("--seeds", type=int, default=5, help="networks of each kind (%(default)s)")
    train.add_argument("--hidden", type=int, default=32, help="units (%(default)s)")
    train.add_argument("--epochs", type=int, default=6, help="passes (%(default)s)")
    train.add_argument("--rate", type=float, default=1e-3, help="Adam's rate (%(default)s)")
    evaluate.add_argument("--to", type=Path, help="store the result as JSON")
    forecast.add_argument("--at", help="the last hour that is known (default: the last reading)")
    return parser


def _readings(file: Path | None) -> Readings:
    return book_readings() if file is None else read_csv(file)


def _train(file: Path | None, model: Path, **options: Any) -> int:
    from rnn_book.projects.temperature.workflow import train

    train(_readings(file), model, note=lambda line: print(line, file=sys.stderr), **options)
    print(f"wrote {model}")
    return 0


def _evaluate(file: Path | None, model: Path, to: Path | None) -> int:
    from rnn_book.experiments.provenance import machine, versions
    from rnn_book.projects.temperature.workflow import Model, comparison
    from rnn_book.records import write_whole

    loaded = Model.load(model)
    found = comparison(_readings(file), loaded)
    print(
        f"{found['source']}: {found['windows']['test']:,} test windows; error in °C, and how often"
    )
    print("the interval held the truth (it should in 80 %)")
    for name, row in found["scores"].items():
        name = found["kind"] if name == "model" else name
        error, held, width = row["error"], row["coverage"], row["width"]
        print(f"  {name:26} {error:5.2f} °C   {held:4.0%} of {width:4.1f} °C")
    if to is not None:
        where = {**machine(), "versions": versions(["torch", "numpy"])}
        stored = {**found, "training": loaded.record, "provenance": where}
        write_whole(to, json.dumps(stored, indent=1) + "\n")
    return 0


def _forecast(file: Path | None, model: Path, at: str | None) -> int:
    from rnn_book.projects.temperature.workflow import Model

    loaded, readings = Model.load(model), _readings(file)
    loaded.check_names(readings)
    hours = readings.weather.hours
    hour = len(hours) - 1
    if at is not None:
        try:
            wanted = np.datetime64(at.removesuffix("Z").replace(" ", "T"), "h")
        except ValueError as error:
            raise Refusal(f"--at should look like 2013-07-04T18, got {at!r}") from error
        hour = int((wanted - hours[0]) // np.timedelta64(1, "h"))
        if not 0 <= hour < len(hours):
            raise Refusal(f"--at {at} is not between {hours[0]} and {hours[-1]}")
    low, middle, high = loaded.after(readings, hour)
    now = readings.weather.values[hour, 0]
    print(f"{hours[hour]}: {now:.1f} °C")
    then = hours[hour] + np.timedelta64(AHEAD, "h")
    print(f"{then}: {middle:.1f} °C, 80 % between {low:.1f} and {high:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
