"""One layer and two: the quick version, and what makes the networks comparable."""

import numpy as np
import pytest

from rnn_book.experiments import stacking as module
from rnn_book.experiments.characters import EMBEDDING, CharacterModel, texts
from rnn_book.experiments.shown import mean
from tests.experiments import around, planted_net, quick_summary


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_networks_learn_a_little_in_a_moment():
    for net in quick_summary("stacking")["nets"].values():
        assert 3.5 < mean(net["test"]) < 6.5


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_networks_of_one_budget_have_nearly_the_same_size():
    nets = quick_summary("stacking")["nets"]
    one = nets["1 layer"]["parameters"][0]
    assert nets["2 layers, equal parameters"]["parameters"][0] == pytest.approx(one, rel=0.05)
    assert nets["2 layers, equal width"]["parameters"][0] > 1.2 * one


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_everything_can_be_shown():
    summary = quick_summary("stacking")
    assert module.verdict(summary).status == "undecided"  # two seeds decide nothing
    assert set(module.tables(summary)) == {"table", "gains"}
    assert set(module.figures(summary)) == {"", "test"}
    assert module.numbers(summary)["1 layer"]


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("hidden", [5, 16])
def test_parameters_are_counted_as_torch_counts_them(layers, hidden):
    size = texts().size
    model = CharacterModel(size, EMBEDDING, hidden, layers, rng=np.random.default_rng(1))
    counted = sum(parameter.numel() for parameter in model.parameters())
    assert module.parameters(size, hidden, layers) == counted


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_no_other_width_comes_closer_to_the_budget(layers):
    budget = module.parameters(100, 64, 1)
    width = module.width_for(budget, 100, layers)
    misses = [
        abs(module.parameters(100, w, layers) - budget) for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)
    assert (width == 64) == (layers == 1)


@pytest.mark.parametrize(
    "gains, status",
    [
        ((0.5, 0.5), "held"),
        ((0.5, 0.0), "held partly"),
        ((-0.5, 0.5), "held partly"),
        ((-0.5, -0.5), "not held"),
        ((0.019, 0.5), "held partly"),
        ((-0.5, 0.019), "undecided"),
    ],
)
def test_the_verdict_follows_its_rule(gains, status):
    """What lies between 0 and the margin, with an interval across both, decides nothing."""
    wide = [0.05, -0.05, 0.03, -0.03, 0.02, -0.02]
    nets = {"1 layer": planted_net(around(3))}
    for name, gain in zip(("width", "parameters"), gains, strict=True):
        noise = wide if 0 < gain < 0.1 else [0] * 6
        values = [value - gain + error for value, error in zip(around(3), noise, strict=True)]
        nets[f"2 layers, equal {name}"] = planted_net(values)
    found = module.verdict({"n-gram": None, "nets": nets})
    assert found.status == status
    assert "at equal width a second layer" in found.text


def test_nothing_is_shown_of_nothing():
    summary = module.summarise([])
    assert module.verdict(summary).status == "undecided"
    assert module.tables(summary) == module.figures(summary) == {}
