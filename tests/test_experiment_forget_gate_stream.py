"""What the forget gate is for: the quick version, and how streams are cut and scored."""

import numpy as np
import pytest

from rnn_book.experiments import forget_gate_stream as module
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean
from rnn_book.grammars import continual_reber, embedded_reber

LEARNERS = (module.NumPyLearner, module.TorchLearner)


@pytest.fixture(scope="module")
def summary(run_cache):
    runs = run_claim("forget_gate_stream", quick=True, cache=run_cache, progress=False)
    return module.summarise(runs)


def test_the_gate_is_needed_on_streams(summary):
    with_gate = summary["nets"]["forget gate, trained on streams"]
    without = summary["nets"]["no forget gate, trained on streams"]
    assert 0.7 < mean(with_gate["streams"]) <= 1
    assert 0.2 < mean(without["streams"]) < 0.65


def test_without_the_gate_the_cell_state_grows_with_the_stream(summary):
    for trained in ("on streams", "with resets"):
        with_gate = np.array(summary["nets"][f"forget gate, trained {trained}"]["size"])
        without = np.array(summary["nets"][f"no forget gate, trained {trained}"]["size"])
        growth = without[:, -1] / without[:, 0]
        assert ((growth > 4) & (growth < 20)).all()
        assert (without[:, -1] > 30).all()
        assert (with_gate[:, -1] < 25).all()


def test_with_resets_both_nets_read_strings_and_the_gated_one_no_stream(summary):
    for net in module.NETS:
        assert 0.8 < mean(summary["nets"][f"{net}, trained with resets"]["strings"]) <= 1
    assert 0.3 < mean(summary["nets"]["forget gate, trained with resets"]["streams"]) < 0.8


def test_everything_can_be_shown(summary):
    for found in (summary, module.summarise([])):
        assert module.verdict(found).status == "undecided"  # two seeds decide nothing
        assert set(module.tables(found)) == {"table"}
        assert set(module.figures(found)) == {"", "right"}
    assert module.verdict(module.summarise([])).status == "undecided"


@pytest.mark.parametrize(
    "with_gate, without, strings, status",
    [
        (0.99, 0.5, 0.99, "held"),
        (0.99, 0.5, 0.8, "held partly"),
        (0.99, 0.5, 0.95, "undecided"),
        (0.99, 0.75, 0.99, "undecided"),
        (0.95, 0.5, 0.99, "undecided"),
        (0.8, 0.5, 0.99, "not held"),
        (0.99, 0.9, 0.99, "not held"),
    ],
)
def test_the_verdict_follows_its_rule(with_gate, without, strings, status):
    spread = np.array([-0.002, -0.001, 0.0, 0.001, 0.002])

    def its(streams, strings):
        return {
            "streams": list(streams + spread),
            "strings": list(strings + spread),
            "size": [[1.0, 2.0]] * 5,
        }

    nets = {
        "forget gate, trained on streams": its(with_gate, 0.7),
        "no forget gate, trained on streams": its(without, 0.4),
        "forget gate, trained with resets": its(0.5, strings),
        "no forget gate, trained with resets": its(0.5, 0.99),
    }
    found = {"nets": nets, "symbols": 100, "able": module.ABLE, "unable": module.UNABLE}
    assert module.verdict(found).status == status


@pytest.mark.parametrize("kind", module.NETS.values())
@pytest.mark.parametrize("carry", [True, False])
def test_both_halves_learn_the_same(kind, carry):
    ours, theirs = (learner(kind, 1e-2, 5, carry) for learner in LEARNERS)
    before = {name: value.copy() for name, value in ours.weights().items()}
    assert module.difference(before, theirs.weights()) == 0
    for batch in module.batches(4, carry, np.random.default_rng(1)):
        ours.learn(batch)
        theirs.learn(batch)
    assert module.difference(ours.weights(), theirs.weights()) < 1e-12
    assert module.difference(ours.weights(), before) > 1e-3


def test_both_halves_agree_to_rounding_in_the_claim_as_well(summary):
    assert 0 < summary["backends_differ"] < 1e-9


def test_batches_of_streams_follow_each_other():
    parts = list(module.batches(3, True, np.random.default_rng(4)))
    whole = continual_reber(3 * module.STEPS, module.STREAMS, rng=np.random.default_rng(4))
    for name in ("inputs", "targets", "legal", "needs_memory", "starts"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(joined, getattr(whole, name))
    assert all((part.lengths == module.STEPS).all() and part.mask.all() for part in parts)


@pytest.mark.parametrize("carry, alike", [(True, False), (False, True)])
def test_a_state_is_carried_on_streams_alone(carry, alike):
    learner = module.NumPyLearner("LSTM", 0.0, 5, carry)
    batch = next(module.batches(1, carry, np.random.default_rng(1)))
    learner.learn(batch)
    first = {name: value.copy() for name, value in learner.layer.grads.items()}
    learner.learn(batch)
    assert (module.difference(first, learner.layer.grads) == 0) == alike


def test_answers_without_memory_are_right_half_the_time_at_best():
    strings = embedded_reber(400, rng=3)
    # T and P alike above all else: one of two is always wrong.
    right = np.zeros(strings.targets.shape, bool)
    assert module.long_lag(right, strings) == 0
    right[strings.needs_memory] = strings.targets[strings.needs_memory] == 1
    assert module.long_lag(right, strings) == pytest.approx(0.5, abs=0.1)


def test_pieces_are_scored_by_themselves():
    streams = continual_reber(2 * module.PIECE, 4, rng=2)
    right = np.zeros(streams.targets.shape, bool)
    right[module.PIECE :] = True
    assert [module.long_lag(*part) for part in module.pieces(right, streams)] == [0, 1]
