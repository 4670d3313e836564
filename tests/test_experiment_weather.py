"""Tomorrow's temperature: months, mistakes, forecasters, and the rule."""

import numpy as np
import pytest
import torch

from rnn_book.datasets import weather
from rnn_book.experiments import weather as module
from rnn_book.experiments.claims import Run
from rnn_book.experiments.forecast import (
    DenseForecast,
    Looks,
    RecurrentForecast,
    absolute_error,
    lag_of,
    month_of,
    month_parts,
    shuffled,
    train_forecast,
    windows,
)
from rnn_book.experiments.weather_shown import at_one_rate
from tests.experiments import planted_net, quick_summary


def hours_of(part):
    return {hour for now in part.now for hour in range(now - 47, now + 25)}


@pytest.mark.parametrize("month", [1, 6, 12])
def test_months_share_no_hour_with_training_and_validation(month):
    data = month_parts(month)
    train, validation, test = map(hours_of, data)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert set(month_of(weather())[sorted(test)]) == {month}
    assert len(data.train.now) > 4 * len(data.validation.now) / 2 > 1000
    assert len(data.test.now) > 500


def test_every_hour_of_the_year_is_tested_once_but_for_the_edges_of_months():
    tested = [now for month in range(1, 13) for now in month_parts(month).test.now]
    assert len(set(tested)) == len(tested) > 7500


def test_inputs_are_scaled_by_training_hours_alone():
    data = month_parts(7)
    year = weather()
    inputs = data.train.inputs[-1].astype(float)
    observed = year.observed[data.train.now]
    assert np.abs([inputs[o, f].mean() for f, o in enumerate(observed.T)]).max() < 0.1
    # July is warmer than the rest of the year, and is seen to be so.
    assert data.test.inputs[-1, :, 0].mean() > 1
    other = month_parts(7, scaled_by="all")
    assert np.abs(other.test.inputs - data.test.inputs).max() > 0.05
    np.testing.assert_array_equal(other.test.targets, data.test.targets)


def test_shuffled_windows_overlap():
    train, _, test = map(hours_of, shuffled(np.random.default_rng(1)))
    assert len(train & test) / len(test) > 0.9


def test_persistence_is_late_by_a_day_and_the_truth_is_not():
    data, year = windows().test, weather()
    assert lag_of(np.zeros_like(data.targets), data, year) == 24
    assert lag_of(data.targets, data, year) == 0
    # What the temperature was an hour before the one that is asked for.
    late = year.values[data.now + 23, :1] - year.values[data.now, :1]
    assert lag_of(late, data, year) == 1


@pytest.mark.parametrize("kind", [RecurrentForecast, DenseForecast])
def test_a_forecast_keeps_the_weights_of_its_best_look(kind):
    data = windows()
    small = data._replace(
        **{
            name: part._replace(inputs=part.inputs[:, :300], targets=part.targets[:300])
            for name, part in data._asdict().items()
        }
    )
    net = kind(7, 4, 5.0, rng=np.random.default_rng(6), output_dropout=0.2)
    looks = Looks(every=2, patience=9, most=6)
    found = train_forecast(net, small, rate=0.3, looks=looks, rng=np.random.default_rng(7))
    assert found["updates"] == [2, 4, 6, 8, 10, 12]
    best = found["validation"][found["best"]]
    assert best == min(found["validation"])
    assert absolute_error(net, small.validation) == best
    assert absolute_error(net, small.test) == found["test"]
    with torch.no_grad():
        error = np.abs(net(torch.from_numpy(small.test.inputs)).numpy() - small.test.targets)
    assert found["test"] == pytest.approx(float(error.mean()), rel=1e-5)


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_rivals_are_what_they_are_called():
    summary = quick_summary("weather")
    for rivals in summary["months"].values():
        assert rivals["persistence"]["lag"] == 24
        assert rivals["ridge"]["test"] < rivals["nearest"]["test"]
    dealt = summary["shuffled"][0]["nearest"]["test"]
    honest = [rivals["nearest"]["test"] for rivals in summary["months"].values()]
    assert dealt < 0.5 * min(honest)


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_everything_can_be_shown():
    summary = quick_summary("weather")
    assert module.verdict(summary).status == "undecided"  # two seeds decide nothing
    assert set(module.tables(summary)) == {"table", "mistakes"}
    assert set(module.figures(summary)) == {""}
    assert module.numbers(summary)["lag"] == "24"


def test_one_rate_is_that_of_the_tuning_in_every_month():
    entries = {"part": "tune", "kind": "LSTM", "rate": 1e-3}
    runs = [
        Run({**entries, "month": month, **more}, 100, {"test": test}, 0.0)
        for month, more, test in [
            (1, {}, 2.5),
            (2, {}, 3.0),
            (2, {"rate": 3e-3}, 9.0),
            (2, {"kind": "dense"}, 9.0),
            (2, {"part": "report"}, 9.0),
        ]
    ]
    assert at_one_rate(runs) == {"1": 2.5, "2": 3.0}


def test_nothing_is_shown_of_nothing():
    summary = module.summarise([])
    assert module.verdict(summary).status == "undecided"
    assert module.tables(summary) == module.figures(summary) == module.numbers(summary) == {}


@pytest.mark.parametrize(
    "gain, spread, status",
    [
        (0.2, 0.05, "held"),
        (0.2, 1.0, "undecided"),
        (-0.1, 0.05, "not held"),
        (0.04, 0.2, "undecided"),
    ],
)
def test_the_verdict_is_over_months(gain, spread, status):
    """Seeds that agree do not make up for months that do not."""
    rng = np.random.default_rng(0)
    months = {str(month): {"ridge": {"test": 2.8}} for month in range(1, 13)}
    nets = {
        f"LSTM, {month}": planted_net([2.8 - gain + spread * rng.standard_normal()] * 5)
        for month in months
    }
    found = module.verdict({"months": months, "shuffled": [], "nets": nets})
    assert found.status == status
    assert "Over 12 months" in found.text
