"""Dropout on weather and on text: the quick version, and its rule."""

import numpy as np
import pytest
import torch

from rnn_book.experiments import recurrent_dropout as module
from rnn_book.experiments.characters import CharacterModel, texts
from rnn_book.experiments.shown import mean
from tests.experiments import around, planted_net, quick_summary


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_dropout_slows_the_learning_of_training_data():
    nets = quick_summary("recurrent_dropout")["nets"]
    names = ("weather, none", "weather, state")
    rise = [mean(curve[-1] for curve in nets[name]["train"]) for name in names]
    assert 0 < rise[1] - rise[0] < 0.5
    for name in ("none", "state"):
        assert 3 < mean(nets[name]["test"]) < 5.5


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_everything_can_be_shown():
    summary = quick_summary("recurrent_dropout")
    assert module.verdict(summary).status == "undecided"  # two seeds decide nothing
    assert set(module.tables(summary)) == {"table", "gains", "weather"}
    assert set(module.figures(summary)) == {"", "characters"}
    assert "weather, state" in module.numbers(summary)


def planted(text, hours):
    """A summary in which dropout on the state saves that much."""
    nets = {"none": planted_net(around(2.5), on="text")}
    nets["state"] = planted_net([v - text for v in reversed(around(2.5))], on="text")
    nets["weather, none"] = planted_net(around(2.8), on="weather")
    nets["weather, state"] = planted_net([v - hours for v in reversed(around(2.8))], on="weather")
    return {"n-gram": None, "nets": nets}


@pytest.mark.parametrize(
    "gains, status",
    [
        ((0.5, 0.5), "held"),
        ((0.5, -0.1), "held partly"),
        ((-0.1, 0.5), "held partly"),
        ((-0.1, -0.1), "not held"),
        ((0.0, 0.0), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(gains, status):
    assert module.verdict(planted(*gains)).status == status


def test_one_of_the_two_tasks_decides_nothing_against_dropout():
    summary = planted(-0.1, -0.1)
    del summary["nets"]["weather, state"]
    assert module.verdict(summary).status == "undecided"
    assert module.verdict(module.summarise([])).status == "undecided"


def test_six_variants_are_one_family():
    """What would be clear alone is not, beside five others."""
    values = [0.04, -0.005, 0.05, 0.01, 0.045, 0.02]
    nets = {"none": planted_net([2.5] * 6, on="text")}
    nets["state"] = planted_net([2.5 - v for v in values], on="text")
    assert module.gains(nets, module.TEXT)["state"].low > 0
    for name in module.VARIANTS:
        nets.setdefault(name, planted_net([2.5, 2.6, 2.4, 2.55, 2.45, 2.5], on="text"))
    assert module.gains(nets, module.TEXT)["state"].low < 0


@pytest.mark.parametrize("variant", module.VARIANTS)
def test_a_variant_drops_in_training_alone(variant):
    text = texts(2000, 2000)
    options = module.VARIANTS[variant][0](0.5)
    model = CharacterModel(text.size, 8, 8, rng=np.random.default_rng(1), **options)
    symbols = torch.from_numpy(text.train[:40].reshape(20, 2))
    first, second = (model.train()(symbols)[0] for _ in range(2))
    assert torch.equal(first, second) == (variant == "none")
    first, second = (model.eval()(symbols)[0] for _ in range(2))
    assert torch.equal(first, second)
