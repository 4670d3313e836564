"""Dropout on weather and on text: the quick version, and the helpers that it trains with."""

import itertools
import math

import numpy as np
import pytest
import torch

from rnn_book.experiments import recurrent_dropout as module
from rnn_book.experiments.characters import (
    EXTRACT,
    CharacterModel,
    Training,
    _pieces,
    bits,
    errors_saved,
    extracts,
    texts,
    train_model,
)
from rnn_book.experiments.forecast import (
    DenseForecast,
    RecurrentForecast,
    absolute_error,
    train_forecast,
    windows,
)
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean


@pytest.fixture(scope="module")
def runs(run_cache):
    return run_claim("recurrent_dropout", quick=True, cache=run_cache, progress=False)


@pytest.fixture(scope="module")
def summary(runs):
    return module.summarise(runs)


def test_dropout_slows_the_learning_of_training_data(summary):
    for part, largest in (("weather", 0.5), ("characters", 0.5)):
        nets = summary[part]
        rise = [
            mean(curve[-1] for curve in nets[name]["train_curves"]) for name in ("none", "state")
        ]
        assert 0 < rise[1] - rise[0] < largest


def test_nets_beat_persistence_and_stay_within_what_weather_allows(summary):
    still = summary["rivals"]["persistence"]["test"]
    for name in ("dense", "none", "state"):
        assert 0.75 < mean(summary["weather"][name]["test"]) / still < 0.99
    assert 0.85 < summary["rivals"]["ridge"]["test"] / still < 0.99


def test_nets_of_text_know_more_than_nothing_and_less_than_a_trained_one(summary):
    for net in summary["characters"].values():
        assert 2.6 < mean(net["test"]) < 4.6
    assert 2.0 < summary["rivals"]["n-gram"]["test"] < 3.2


def test_everything_can_be_shown(summary):
    verdict = module.verdict(summary)
    assert verdict.status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table", "characters"}
    assert set(module.figures(summary)) == {"", "weather", "characters"}


def planted(gain_weather, gain_text, gain_at_end):
    """A summary in which dropout on the state saves that much."""

    def part(gain, late):
        noise = np.array([-0.1, 0.0, 0.1])
        return {
            "none": {"test": 3 + noise, "test_at_end": 4 + noise, "validation": 3 + noise},
            "state": {
                "test": 3 - gain + noise,
                "test_at_end": 4 - late + noise,
                "validation": 3 - gain + noise,
            },
        }

    nets = part(gain_weather, gain_at_end)
    return {
        "rivals": {"ridge": {"test": 2.9}, "persistence": {"test": 3.0}},
        "weather": {"dense": nets["none"], **nets},
        "characters": part(gain_text, 0.0),
    }


@pytest.mark.parametrize(
    "gains, status",
    [
        ((0.5, 0.5, 0.0), "held"),
        ((0.5, 0.0, 0.0), "held partly"),
        ((0.0, 0.5, 0.0), "held partly"),
        ((0.0, 0.0, 0.5), "held partly"),
        ((0.0, 0.0, 0.0), "not held"),
        ((0.1, 0.1, 0.1), "not held"),
        ((-0.5, -0.5, -0.5), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(gains, status):
    assert module.verdict(planted(*gains)).status == status


def test_the_text_names_the_rival_that_wins():
    def sentence(ridge):
        summary = planted(0.5, 0.5, 0.5)
        summary["rivals"]["ridge"]["test"] = ridge
        return module.verdict(summary).text

    assert "loses to ridge" in sentence(2.0)
    assert "is level with ridge" in sentence(2.5)
    assert "beats ridge" in sentence(3.0)


def test_probabilities_are_chosen_by_validation_and_dense_nets_compete_with_themselves(runs):
    def fake(run, validation, test):
        return run._replace(result={**run.result, "validation": validation, "test": test})

    changed = []
    for run in runs:
        if run.setting.get("variant") != "state" or run.setting["part"] != "weather":
            changed.append(run)
            continue
        count = len(run.result["validation"])
        better = {**run.setting, "p": 0.9}
        changed.append(fake(run, [2.0] * count, 1.0))
        changed.append(fake(run._replace(setting=better), [1.0] * count, 2.0))
    state = module.summarise(changed)["weather"]["state"]
    assert state["p"] == 0.9
    assert state["test"] == [2.0, 2.0]


@pytest.mark.parametrize("variant", module.VARIANTS)
def test_a_variant_drops_in_training_alone(variant):
    text = texts(2000, 2000)
    model = CharacterModel(
        text.size, 8, 8, rng=np.random.default_rng(1), **module.VARIANTS[variant](0.5)
    )
    symbols = torch.from_numpy(text.train[:40].reshape(20, 2))
    first, second = (model.train()(symbols)[0] for _ in range(2))
    assert torch.equal(first, second) == (variant == "none")
    first, second = (model.eval()(symbols)[0] for _ in range(2))
    assert torch.equal(first, second)


# --------------------------------------------------------------------------------- its text model


def test_bits_are_those_of_one_step_at_a_time():
    text = texts(2000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(2)).eval()
    numbers = text.validation[:500]
    total, count = 0.0, 0
    with torch.no_grad():
        for stream in numbers.reshape(50, 10):
            state = None
            for now, then in itertools.pairwise(stream):
                scores, state = model(torch.tensor([[now]]), state)
                total -= float(torch.log_softmax(scores[0, 0], -1)[then])
                count += 1
    for steps in (4, 100):
        assert bits(model, numbers, steps) == pytest.approx(total / count / math.log(2), rel=1e-5)


def test_extracts_come_from_all_over_a_text():
    text = "".join(chr(0x4E00 + i) for i in range(20_000))
    found = extracts(text, 5000)
    assert len(found) == 5000
    pieces = [found[i : i + EXTRACT] for i in range(0, 5000, EXTRACT)]
    begins = [text.index(piece) for piece in pieces]
    assert begins == [0, 4750, 9500, 14250, 19000]
    assert extracts(text, None) == extracts(text, 30_000) == text


def test_training_reads_every_character_of_a_pass_and_then_begins_anew():
    numbers = np.arange(101)
    how = Training(updates=0, rate=0.0, batch=2, steps=7, every=1)
    pieces = _pieces(numbers, how, np.random.default_rng(3))
    for _ in range(2):
        seen = []
        for place in range(7):  # 50 steps a stream, 49 targets, 7 a piece
            symbols, targets, first = next(pieces)
            assert first == (place == 0)
            assert np.array_equal((symbols + 1) % 101, targets)
            seen += targets.ravel().tolist()
        assert len(set(seen)) == 98


def test_the_best_look_is_kept():
    text = texts(3000, 2000)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(4))
    how = Training(updates=60, rate=0.3, batch=4, steps=10, every=10)
    found = train_model(model, text, how, rng=np.random.default_rng(5))
    assert found["updates"] == [10, 20, 30, 40, 50, 60]
    best = found["validation"][found["best"]]
    assert best == min(found["validation"]) != found["validation"][-1]
    assert bits(model, text.validation) == best
    assert bits(model, text.test) == found["test"] != found["test_at_end"]


def test_savings_are_counted_in_standard_errors():
    before, after = [3.0, 3.2, 3.4], [2.0, 2.1, 2.2]
    error = math.sqrt(0.04 / 3 + 0.01 / 3)
    assert errors_saved(before, after) == pytest.approx(1.1 / error)
    assert errors_saved(after, before) == pytest.approx(-1.1 / error)


# ------------------------------------------------------------------------------- its forecasters


def test_windows_of_the_parts_share_no_hour():
    data = windows()
    hours = [{hour for now in part.now for hour in range(now - 47, now + 25)} for part in data]
    assert not hours[0] & hours[1]
    assert not hours[0] & hours[2]
    assert not hours[1] & hours[2]


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
    found = train_forecast(net, small, epochs=3, rate=0.3, rng=np.random.default_rng(7))
    assert found["epochs"] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    best = found["validation"][found["best"]]
    assert best == min(found["validation"])
    assert absolute_error(net, small.validation) == best
    assert absolute_error(net, small.test) == found["test"]
    with torch.no_grad():
        error = np.abs(net(torch.from_numpy(small.test.inputs)).numpy() - small.test.targets)
    assert found["test"] == pytest.approx(float(error.mean()), rel=1e-5)
