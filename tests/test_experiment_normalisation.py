"""Layer normalisation: the quick version and its rule."""

import pytest

from rnn_book.experiments import normalisation
from rnn_book.experiments.shown import mean
from tests.experiments import around, planted_net, quick_runs, quick_summary


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_networks_learn_a_little_in_a_moment():
    for run in quick_runs("normalisation"):
        assert run.result["validation"][-1] < run.result["validation"][0]
    for net in quick_summary("normalisation")["nets"].values():
        assert 3.5 < mean(net["test"]) < 6.7


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_everything_can_be_shown():
    module, summary = normalisation, quick_summary("normalisation")
    assert module.verdict(summary).status == "undecided"  # two seeds decide nothing
    assert set(module.tables(summary)) == {"table", "gains"}
    assert set(module.figures(summary)) == {""}
    assert module.numbers(summary)
    nothing = module.summarise([])
    assert module.verdict(nothing).status == "undecided"
    assert module.tables(nothing) == module.figures(nothing) == {}


@pytest.mark.usefixtures("run_cache")  # slow: it runs the quick version
def test_speed_is_the_mean_of_all_looks():
    net = quick_summary("normalisation")["nets"]["LSTM, small batches"]
    for early, curve in zip(net["early"], net["validation"], strict=True):
        assert early == pytest.approx(sum(curve) / len(curve), rel=1e-6)


@pytest.mark.parametrize(
    "gains, status",
    [((0.3, 0.3), "held"), ((0.3, -0.1), "held partly"), ((-0.1, -0.1), "not held")],
)
def test_normalisation_is_judged_by_its_speed(gains, status):
    nets = {}
    for batch, gain in zip(normalisation.BATCHES, gains, strict=True):
        nets[f"LSTM, {batch}"] = planted_net(around(2), early=around(3))
        nets[f"with layer norm, {batch}"] = planted_net(around(2), early=around(3 - gain))
    assert normalisation.verdict({"nets": nets}).status == status


def test_the_prose_is_told_who_is_ahead_and_at_which_rates():
    plain = {"tried": {"0.1": 3.0, "0.2": 2.0}, "validation": [[3.0, 2.0], [3.5, 2.0]]}
    other = {"tried": {"0.1": 2.5, "0.2": 2.2}, "validation": [[2.0, 2.5], [3.5, 2.5]]}
    both = {"updates": [[20, 40]] * 2, "chosen": {"rate": 0.1}}
    nets = {}
    for batch in normalisation.BATCHES:
        nets[f"LSTM, {batch}"] = planted_net([2.0] * 2, **both | plain)
        nets[f"with layer norm, {batch}"] = planted_net([2.0] * 2, **both | other)
    found = normalisation.numbers({"nets": nets})
    assert found["ahead at rates up to, small batches"] == "0.1"
    assert found["ahead at 20, small batches"] == found["behind at 40, small batches"] == "0.500"


def test_every_question_is_about_contenders_that_there_are():
    names = set(normalisation.contenders())
    assert {name for pair in normalisation.QUESTIONS.values() for name in pair} <= names
