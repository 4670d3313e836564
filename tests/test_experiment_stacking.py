"""One, two and three layers: the quick version, and what makes the nets comparable."""

import numpy as np
import pytest

from rnn_book.experiments import stacking as module
from rnn_book.experiments.characters import CharacterModel, texts
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean


@pytest.fixture(scope="module")
def runs(run_cache):
    return run_claim("stacking", quick=True, cache=run_cache, progress=False)


@pytest.fixture(scope="module")
def summary(runs):
    return module.summarise(runs)


def test_on_a_short_budget_every_layer_at_equal_parameters_costs_bits(summary):
    one = mean(summary["nets"]["1 layer"]["long"]["test"])
    three = mean(summary["nets"]["3 layers, equal parameters"]["long"]["test"])
    assert 0.1 < three - one < 2


def test_a_longer_budget_helps_nets_that_have_left_the_plateau(summary):
    """Three layers still know little but frequencies, on either budget."""
    for net in summary["nets"].values():
        saved = mean(net["short"]["test"]) - mean(net["long"]["test"])
        assert (0.05 if net["layers"] == 1 else -0.1) < saved < 3
        assert 3.0 < mean(net["long"]["test"]) < 5.5


def test_nets_of_one_budget_have_nearly_the_same_size(summary):
    nets = summary["nets"]
    one = nets["1 layer"]["parameters"]
    for layers in (2, 3):
        assert nets[f"{layers} layers, equal parameters"]["parameters"] / one == pytest.approx(
            1, abs=0.05
        )
        assert nets[f"{layers} layers, equal width"]["hidden"] == nets["1 layer"]["hidden"]
        assert nets[f"{layers} layers, equal width"]["parameters"] > 1.2 * one


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table"}
    assert set(module.figures(summary)) == {""}


@pytest.mark.parametrize("layers", module.LAYERS)
@pytest.mark.parametrize("hidden", [5, 16])
def test_parameters_are_counted_as_torch_counts_them(layers, hidden):
    size = texts().size
    model = CharacterModel(size, module.EMBEDDING, hidden, layers, rng=np.random.default_rng(1))
    counted = sum(parameter.numel() for parameter in model.parameters())
    assert module.parameters(size, hidden, layers) == counted


@pytest.mark.parametrize("layers", module.LAYERS)
def test_no_other_width_comes_closer_to_the_budget(layers):
    budget = module.parameters(100, 64, 1)
    width = module.width_for(budget, 100, layers)
    misses = [
        abs(module.parameters(100, w, layers) - budget) for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)
    assert (width == 64) == (layers == 1)


def planted(gains):
    """A summary in which two layers save that much: parameters short, long, width short, long."""

    def scores(saved, updates):
        return {"test": 3 - saved + np.array([-0.1, 0.0, 0.1]), "updates": updates, "passes": 1.0}

    def net(short, long):
        return {"short": scores(short, 10), "long": scores(long, 20)}

    return {
        "n-gram": {"order": 5, "test": 2.8},
        "nets": {
            "1 layer": net(0, 0),
            "2 layers, equal parameters": net(*gains[:2]),
            "3 layers, equal parameters": net(0, 0),
            "2 layers, equal width": net(*gains[2:]),
            "3 layers, equal width": net(0.5, -0.5),
        },
    }


@pytest.mark.parametrize(
    "gains, status",
    [
        ((0.5, 0.5, 0.5, 0.5), "held"),
        ((0.0, 0.0, 0.5, 0.5), "held partly"),
        ((-0.5, 0.0, 0.0, 0.5), "held partly"),
        ((0.0, 0.0, 0.0, 0.0), "not held"),
        ((0.1, 0.1, 0.1, 0.1), "not held"),
        ((-0.5, -0.5, -0.5, -0.5), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(gains, status):
    verdict = module.verdict(planted(gains))
    assert verdict.status == status
    assert "three 2.50 ± 0.10 (better)" in verdict.text
    assert "three 3.50 ± 0.10 (worse)" in verdict.text
    beaten = 3 + sum(gain < 0.2 for gain in gains[1::2])
    assert f"fewer than {beaten} of the 5 nets" in verdict.text


def test_rates_are_chosen_by_validation_on_the_short_budget(runs):
    changed = [
        run._replace(
            setting={**run.setting, "rate": rate},
            result={**run.result, "validation": [bits], "test": -bits},
        )
        for run in runs
        if run.setting["part"] == "short"
        for rate, bits in ((0.1, 4.0), (0.2, 3.0))
    ]
    planned = module.plan(True, changed)
    long = [setting for setting in planned if setting.get("part") == "long"]
    assert len(long) == 5
    assert {setting["rate"] for setting in long} == {0.2}
    assert {setting["updates"] for setting in long} == {80}
