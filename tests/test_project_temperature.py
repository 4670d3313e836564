"""Tomorrow's temperature: no leaks, rivals that are what they say, and files that are checked."""

import json
import re

import numpy as np
import pytest
import torch

from rnn_book.datasets import Weather
from rnn_book.projects.temperature import network, readings, rivals, workflow
from rnn_book.projects.temperature.__main__ import main

HOURS = np.arange("2019-01-01T00", "2019-04-20T00", dtype="datetime64[h]")


def made_up(rng):
    """A season of hours: two waves, and weather that stays for a day or so."""
    day, hour = readings.cycle(HOURS)
    noise = np.zeros(len(HOURS))
    for t in range(1, len(HOURS)):
        noise[t] = 0.97 * noise[t - 1] + rng.normal(0, 0.8)
    temperature = 5 + 0.1 * day + 4 * np.sin(2 * np.pi * (hour - 9) / 24) + noise
    return np.stack([temperature, 60 - 3 * noise + rng.normal(0, 2, len(HOURS))], axis=1)


@pytest.fixture(scope="module")
def table():
    return made_up(np.random.default_rng(0))


@pytest.fixture(scope="module")
def file(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "mine.csv"
    rows = [f"{t},{a:.2f},{b:.1f}" for t, (a, b) in zip(HOURS, table, strict=True)]
    del rows[100:103]
    rows[500] = rows[500].rpartition(",")[0] + ","
    path.write_text("time,temperature,humidity\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def small_weather(table):
    return Weather(HOURS, table, np.ones(table.shape, bool), {}, "")


@pytest.fixture(scope="module")
def model(tmp_path_factory, file):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    code = main(
        ["train", f"--file={file}", f"--model={path}", "--seeds=1", "--hidden=6", "--epochs=2"]
    )
    assert code == 0
    return path


def test_a_file_is_read_as_it_is_and_gaps_carry_the_last_reading(file, table):
    found = readings.read_csv(file)
    assert found.names == ("temperature", "humidity")
    assert found.missing == 3
    np.testing.assert_array_equal(found.weather.hours, HOURS)
    np.testing.assert_allclose(found.weather.values[50], table[50], atol=0.06)
    np.testing.assert_array_equal(
        found.weather.values[100:103], np.tile(found.weather.values[99], (3, 1))
    )
    assert not found.weather.observed[100:103].any()
    assert found.weather.observed[503].tolist() == [True, False]
    assert found.weather.values[503, 1] == found.weather.values[502, 1]


def test_no_hour_of_one_part_is_in_the_windows_of_another(table):
    data = rivals.parts(small_weather(table))
    assert all(len(part.now) for part in data)
    assert workflow.parts_are_disjoint(data)
    leaky = data._replace(test=data.validation)
    assert not workflow.parts_are_disjoint(leaky)


def test_nothing_of_the_test_blocks_reaches_what_is_fitted(table):
    weather = small_weather(table)
    other = table.copy()
    for part in ("validation", "test"):
        for block in weather.blocks(part):
            other[block] += 50
    changed = small_weather(other)
    for a, b in zip(weather.scale(), changed.scale(), strict=True):
        np.testing.assert_array_equal(a, b)
    fitted = [rivals.Calendar.fitted(w).weights for w in (weather, changed)]
    np.testing.assert_array_equal(*fitted)
    np.testing.assert_array_equal(
        rivals.parts(weather).train.inputs, rivals.parts(changed).train.inputs
    )


def test_the_calendar_finds_the_waves_that_are_there():
    hours = np.arange("2019-01-01T00", "2020-01-01T00", dtype="datetime64[h]")
    day, hour = readings.cycle(hours)
    yearly = 2 * np.pi * day / 365.25
    wave = 3 + 2 * np.cos(yearly) - (4 + np.sin(yearly)) * np.sin(2 * np.pi * hour / 24)
    values = np.stack([wave, wave], axis=1)
    year = Weather(hours, values, np.ones(values.shape, bool), {}, "")
    calendar = rivals.Calendar.fitted(year)
    np.testing.assert_allclose(calendar.usual(hours), wave, atol=1e-8)
    added = calendar.added(year).values
    np.testing.assert_allclose(added[:-24, 3], added[24:, 2], atol=1e-8)
    short = rivals.Calendar.fitted(small_weather(made_up(np.random.default_rng(0))))
    assert len(short.weights) == 5  # a season knows no year


def test_the_share_of_the_anomaly_is_the_one_that_is_there():
    rng = np.random.default_rng(0)
    noise = np.zeros(len(HOURS))
    for t in range(1, len(HOURS)):
        noise[t] = 0.97 * noise[t - 1] + rng.normal(0, 0.8)
    weather = small_weather(np.stack([10 + noise, noise], axis=1))
    train = weather.windows("train")
    calendar = rivals.Calendar(np.array([10.0, 0, 0, 0, 0]))
    share = rivals.anomaly_share(weather, calendar, train)
    slope = np.linalg.lstsq(noise[train.now][:, None], noise[train.now + 24], rcond=None)[0]
    assert share == pytest.approx(slope[0])
    assert share == pytest.approx(0.97**24, abs=0.2)


def test_ridge_is_least_squares_with_a_row_for_each_weights_penalty(table):
    data = rivals.parts(small_weather(table))
    found, penalty = rivals.ridge_forecasts(data)
    rows = [part.inputs.swapaxes(0, 1).reshape(len(part.now), -1).astype(float) for part in data]
    centre, level = rows[0].mean(axis=0), data.train.targets.mean()
    weights, *_ = np.linalg.lstsq(
        np.concatenate([rows[0] - centre, np.sqrt(penalty) * np.eye(len(centre))]),
        np.concatenate([data.train.targets[:, 0] - level, np.zeros(len(centre))]),
        rcond=None,
    )
    for mine, part in zip(found, rows, strict=True):
        np.testing.assert_allclose(mine, (part - centre) @ weights + level, atol=1e-5)


def test_the_pinball_loss_is_least_at_the_quantiles():
    rng = np.random.default_rng(0)
    sample = torch.from_numpy(rng.gamma(2.0, size=(4001, 1)))
    wanted = np.quantile(sample.numpy(), network.QUANTILES)
    best = float(network.pinball(torch.from_numpy(wanted).expand(4001, 3), sample))
    for k in range(3):
        for step in (-0.05, 0.05):
            moved = wanted.copy()
            moved[k] += step
            worse = float(network.pinball(torch.from_numpy(moved).expand(4001, 3), sample))
            assert worse > best
    halves = network.pinball(torch.zeros(4001, 3, dtype=torch.float64), sample)
    assert float(halves) == pytest.approx(0.5 * float(sample.mean()))


def test_a_calibrated_interval_holds_its_share():
    rng = np.random.default_rng(0)
    truth, later = rng.normal(size=2000), rng.normal(size=2000)
    for half in (0.0, 5.0):
        edge = np.full(2000, half)
        wider = rivals.calibrated(-edge, edge, truth, 0.8)
        held = (np.abs(truth) <= half + wider).mean()
        assert held == pytest.approx(0.8, abs=1e-3)
        assert (np.abs(later) <= half + wider).mean() == pytest.approx(0.8, abs=0.03)


def test_the_forecast_is_the_networks_own_and_sees_48_hours_only(model, file):
    loaded, found = workflow.Model.load(model), readings.read_csv(file)
    data = rivals.parts(loaded.calendar.added(found.weather))
    low, middle, high = network.quantiles(loaded.net, data.test)[0]
    hour = int(data.test.now[0])
    now, wider = found.weather.values[hour, 0], loaded.record["wider"]
    told = loaded.after(found, hour)
    assert told == pytest.approx((now + low - wider, now + middle, now + high + wider), abs=1e-4)
    found.weather.values[: hour - 47] += 9
    found.weather.values[hour + 1 :] += 9
    assert loaded.after(found, hour) == told


def test_evaluate_scores_every_rival_on_the_same_windows(model, file, tmp_path, capsys):
    to = tmp_path / "result.json"
    assert main(["evaluate", f"--file={file}", f"--model={model}", f"--to={to}"]) == 0
    printed = capsys.readouterr().out
    found = json.loads(to.read_text(encoding="utf-8"))
    data = rivals.parts(readings.read_csv(file).weather)
    assert found["windows"]["test"] == len(data.test.now)
    still = np.abs(data.test.targets).mean()
    assert found["scores"]["persistence"]["error"] == pytest.approx(still, rel=1e-6)
    for name, row in found["scores"].items():
        assert f"{row['error']:.2f} °C" in printed
        blocks = [e for e in found["by_block"][name] if e is not None]
        assert min(blocks) <= row["error"] <= max(blocks)
    kinds = [run["kind"] for run in found["training"]["runs"]]
    assert kinds == list(network.KINDS)


def test_forecast_prints_a_day_ahead(model, file, capsys):
    arguments = ["forecast", f"--file={file}", f"--model={model}"]
    assert main([*arguments, "--at=2019-02-01T06"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2019-02-01T06: ")
    assert "2019-02-02T06: " in out
    assert main(arguments) == 0
    assert "2019-04-20T23: " in capsys.readouterr().out


GOOD = ("2024-01-01T00:00,1.0", "2024-01-01T01:00,2.0")
BAD_FILES = {
    "empty": ("", "must have a column named time; it is empty"),
    "no temperature": ("time,temp\n", "column named temperature; it has time, temp"),
    "twice": ("time,temperature,temperature\n", "column temperature twice"),
    "words": ("time,temperature\n2024-01-01T00:00,mild\n", "line 2: temperature .* 'mild'"),
    "no time": ("time,temperature\nyesterday,1\n", "line 2: time should look like"),
    "half hours": ("time,temperature\n2024-01-01T00:30,1\n", "line 2: readings must be hourly"),
    "doubled": (f"time,temperature\n{GOOD[0]}\n{GOOD[0]}\n", "line 3: .* appears twice"),
    "falling": (f"time,temperature\n{GOOD[1]}\n{GOOD[0]}\n", "line 3: .* after a later one"),
    "ragged": (f"time,temperature\n{GOOD[0]},7\n", "line 2: 3 fields, and the header has 2"),
    "fahrenheit": ("time,temperature\n2024-01-01T00:00,75\n", "line 2: .* cannot be in °C"),
    "kelvin": ("time,temperature\n2024-01-01T00:00,290\n", "line 2: .* cannot be in °C"),
    "infinite": ("time,temperature,wind\n2024-01-01T00,1,inf\n", "line 2: wind .* finite"),
    "one reading": (f"time,temperature\n{GOOD[0]}\n", "has 1 readings"),
    "gaps": (f"time,temperature\n{GOOD[0]}\n2024-01-02T00:00,1\n", "missing in 92%"),
    "short": ("time,temperature\n" + "\n".join(GOOD) + "\n", "has 2 hours; training needs 1680"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_gives_one_clear_line_and_writes_nothing(case, tmp_path, capsys):
    content, words = BAD_FILES[case]
    path, model = tmp_path / "bad.csv", tmp_path / "model.safetensors"
    path.write_text(content, encoding="utf-8")
    model.write_text("precious", encoding="utf-8")
    assert main(["train", f"--file={path}", f"--model={model}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert re.search(words, line), line
    assert model.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["forecast", "--model={m}"], "trained on the columns temperature, humidity"),
        (["forecast", "--model={f}", "--file={f}"], "no whole safetensors file"),
        (["forecast", "--model=none", "--file={f}"], "there is no file none"),
        (["forecast", "--model={m}", "--file={f}", "--at=soon"], "--at should look like"),
        (["forecast", "--model={m}", "--file={f}", "--at=2020-01-01T00"], "is not between"),
        (["forecast", "--model={m}", "--file={f}", "--at=2019-01-01T05"], "48 are needed"),
        (["forecast", "--model={m}", "--file={f}", "--at=2019-01-05T05"], "no temperature at"),
        (["train", "--model={m}", "--file={f}", "--seeds=0"], "--seeds must be"),
    ],
)
def test_bad_requests_are_refused(arguments, words, model, file, capsys):
    before = model.read_bytes()
    assert main([a.format(m=model, f=file) for a in arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(words, line), line
    assert model.read_bytes() == before
