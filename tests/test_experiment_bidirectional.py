"""Both directions: the quick version, and what each network is allowed to see."""

import math

import numpy as np
import pytest
import torch

from rnn_book.datasets import Vocabulary, standard_library_source, token_labels
from rnn_book.experiments import bidirectional as module
from rnn_book.experiments import bidirectional_made as made
from rnn_book.experiments import bidirectional_nets as nets
from rnn_book.experiments import bidirectional_source as source_
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean

CHARACTERS = 100_000


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("bidirectional", quick=True, cache=run_cache, progress=False))


def gain(summary, task):
    found = summary["tasks"][task]
    return mean(found["both ways"]["right"]) - mean(found["one way"]["right"])


def test_both_ways_know_more_where_the_answer_is_partly_in_the_future(summary):
    assert 0.04 < gain(summary, "roles") < 0.4
    assert mean(summary["tasks"]["roles"]["both ways"]["right"]) < 0.9999
    assert gain(summary, "inside") < gain(summary, "roles") / 2
    for net in summary["tasks"]["ambiguous"].values():
        assert max(net["right"]) < net["best"] + 0.02


def test_recall_is_scored_where_one_way_has_to_reach_back_and_both_ways_not(summary):
    wrong = {(its["net"], its["position"]): its["test"] for its in summary["recall"]}
    assert max(wrong["both ways, h_n", "first"]) < 0.1
    assert max(wrong["both ways, h_n", "last"]) < 0.1
    assert max(wrong["one way", "last"]) < 0.1


def test_a_model_of_the_next_symbol_that_reads_both_ways_reads_its_answer(summary):
    one, both = summary["leak"]["one way"], summary["leak"]["both ways"]
    assert 0.01 < mean(both["before_last"]) < mean(one["before_last"])
    assert mean(both["last"]) > mean(one["last"]) - 0.5
    assert mean(both["last"]) > mean(both["before_last"]) + 0.5


def test_everything_can_be_shown_and_nothing_as_well(summary):
    for found in (summary, module.summarise([])):
        assert module.verdict(found).status == "undecided"  # two seeds decide nothing
        assert set(module.tables(found)) == {"table", "gains", "recall", "leak"}
        assert set(module.figures(found)) == {"", "recall"}
    assert module.verdict(module.summarise([])).status == "undecided"


# ------------------------------------------------------------------------------- generated tasks


def test_words_follow_the_chain():
    words, tags = made.ambiguous(4000, 5, np.random.default_rng(3))
    pairs = np.zeros((6, 6))
    np.add.at(pairs, (tags[:-1].ravel(), tags[1:].ravel()), 1)
    shares = pairs / pairs.sum(1, keepdims=True)
    assert np.allclose(shares, made.CHAIN.moves, atol=0.04)
    assert (shares[made.CHAIN.moves == 0] == 0).all()
    shown = np.zeros((6, 12))
    np.add.at(shown, (tags.ravel(), words.ravel()), 1)
    assert np.allclose(shown / shown.sum(1, keepdims=True), made.CHAIN.words, atol=0.04)
    assert ((made.CHAIN.words > 0).sum(0) == 2).all()


@pytest.mark.parametrize("late", [0, 1, None])
def test_the_best_guess_is_that_of_all_sequences_of_tags(late, monkeypatch):
    """Bayes' rule by hand: every sequence of tags, with its probability."""
    monkeypatch.setattr(made, "LATEST", 2)
    words, tags = made.ambiguous(5, 3, np.random.default_rng(4))
    moves, emits = made.CHAIN
    right = []
    for n in range(3):
        for t in range(3):
            known = 5 if late is None else t + late + 1
            weights = np.zeros(6)
            for sequence in np.ndindex(*[6] * known):
                share = emits[sequence[0], words[0, n]]
                for k in range(1, known):
                    share *= moves[sequence[k - 1], sequence[k]] * emits[sequence[k], words[k, n]]
                weights[sequence[t]] += share
            # Of equals the first; equal up to rounding counts as equal.
            guess = int(np.argmax(weights >= weights.max() * (1 - 1e-9)))
            right.append(guess == tags[t, n])
    assert made.best_guess(words, tags, late) == pytest.approx(np.mean(right))


def test_the_best_guess_gains_with_what_it_knows_of_the_future():
    words, tags = made.ambiguous(60, 300, np.random.default_rng(5))
    shares = [made.best_guess(words, tags, late) for late in (0, 1, 4, None)]
    assert shares == pytest.approx([0.77, 0.82, 0.857, 0.866], abs=0.015)


def test_an_echo_comes_from_the_past():
    symbols, answers = made.echo(30, 4, np.random.default_rng(6))
    assert np.array_equal(answers[made.BACK :], symbols[: -made.BACK])
    assert not answers[: made.BACK].any()


def test_what_is_read_out_is_h_n_or_the_last_output():
    layer = torch.nn.LSTM(3, 4, bidirectional=True)
    output, state = layer(torch.randn(5, 2, 3, generator=torch.Generator().manual_seed(1)))
    ends = {"h_n": 0, "output[-1]": -1}
    for how, end in ends.items():
        expected = torch.cat([output[-1, :, :4], output[end, :, 4:]], -1)
        torch.testing.assert_close(made.READ_OUT[how]((output, state)), expected)


# ----------------------------------------------------------------------------- networks and source


@pytest.mark.parametrize("both", [False, True])
def test_parameters_are_counted_as_torch_counts_them(both):
    model = nets.Reader(30, 7, both, np.random.default_rng(0))
    counted = sum(p.numel() for p in [*model.lstm.parameters(), *model.linear.parameters()])
    hidden = model.lstm.hidden_size
    assert nets.parameters(nets.EMBEDDING, hidden, 7, both) == counted


@pytest.mark.parametrize("inputs, hidden, outputs", [(16, 48, 5), (8, 32, 4), (16, 48, 99)])
def test_no_other_width_comes_closer(inputs, hidden, outputs):
    budget = nets.parameters(inputs, hidden, outputs, False)
    width = nets.width(inputs, hidden, outputs, True)
    misses = [
        abs(nets.parameters(inputs, w, outputs, True) - budget)
        for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)
    assert misses[1] < 0.05 * budget
    assert nets.width(inputs, hidden, outputs, False) == hidden


@pytest.fixture(scope="module")
def part():
    text = source_.beginning(standard_library_source().train, CHARACTERS)
    return text, source_.labelled(text, Vocabulary(text))


def test_the_beginning_ends_between_two_definitions():
    text = standard_library_source().train
    kept = source_.beginning(text, CHARACTERS)
    assert CHARACTERS / 2 < len(kept) <= CHARACTERS
    assert text.startswith((kept + "def ", kept + "class "))
    assert source_.beginning("x = 1\n", None) == source_.beginning("x = 1\n", 9) == "x = 1\n"


def test_windows_begin_on_lines_outside_strings_and_do_not_overlap(part):
    text, source = part
    inside = token_labels(text)[1]
    for begin in source.begins:
        assert text[begin - 1] == "\n"
        assert not inside[begin - 1]
    windows = source_.held_out(source, 10**9)
    fewer = source_.held_out(source, 7)
    assert fewer.symbols.shape == (source_.SCORED + nets.LATEST, 7)
    assert windows.symbols.shape[1] * source_.SCORED <= len(text)
    assert windows.symbols.shape[1] * source_.SCORED > len(text) / 4


def test_labels_of_a_window_are_those_of_the_text(part):
    text, source = part
    begin = int(source.begins[5])
    window = source_.cut(source, np.array([begin]))
    roles, inside = token_labels(text)
    end = begin + source_.SCORED
    np.testing.assert_array_equal(window.roles[:, 0], roles[begin:end])
    np.testing.assert_array_equal(window.inside[:, 0], inside[begin:end])
    np.testing.assert_array_equal(
        window.symbols[:, 0], Vocabulary(text).encode(text[begin : end + nets.LATEST])
    )


@pytest.mark.parametrize("net", nets.NETS)
def test_a_network_sees_as_much_of_the_future_as_it_is_late(net):
    both, late = nets.NETS[net]
    model = nets.Answerer(net, 20, 3, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    symbols = torch.from_numpy(rng.integers(0, 20, (60 + nets.LATEST, 3)))
    changed = symbols.clone()
    changed[50] = (changed[50] + 1) % 20
    with torch.no_grad():
        moved = (model(symbols) != model(changed)).any(-1).any(-1)
    first = int(moved.nonzero()[0])
    assert len(moved) == 60
    assert first < 40 if both else first == 50 - late


def test_the_loss_of_tags_is_that_of_a_loop(part):
    _, source = part
    windows = source_.cut(source, source.begins[:4])
    shape = windows.roles.shape
    generator = np.random.default_rng(4)
    scores = torch.from_numpy(generator.standard_normal((*shape, 5)))
    roles, sides, right, right_sides = [], [], [], []
    for t, n in np.ndindex(*shape):
        role, side = int(windows.roles[t, n]), int(windows.inside[t, n])
        if role:
            row = scores[t, n, :3]
            roles.append(float(torch.logsumexp(row, 0) - row[role - 1]))
            right.append(int(row.argmax()) == role - 1)
        row = scores[t, n, 3:]
        sides.append(float(torch.logsumexp(row, 0) - row[side]))
        right_sides.append(int(row.argmax()) == side)
    expected = np.mean(roles) + np.mean(sides)
    assert float(source_.tag_loss(scores, windows)) == pytest.approx(expected)
    assert source_.tag_accuracy(scores, windows) == pytest.approx(
        (np.mean(right), np.mean(right_sides))
    )


def test_bits_of_the_leak_are_those_of_a_loop():
    model = nets.Reader(6, 6, True, np.random.default_rng(5))
    stretches = np.random.default_rng(6).integers(0, 6, (9, 4))
    with torch.no_grad():
        shares = torch.softmax(model(torch.from_numpy(stretches[:-1])), -1).numpy()
    lost = np.array(
        [[-math.log2(shares[t, n, stretches[t + 1, n]]) for n in range(4)] for t in range(8)]
    )
    before, last = source_.leak_bits(model, stretches)
    assert before == pytest.approx(lost[:-1].mean(), rel=1e-5)
    assert last == pytest.approx(lost[-1].mean(), rel=1e-5)


def planted(roles, ambiguous, first, middle):
    """A summary with these gains, and so many times fewer updates until a symbol is recalled."""
    spread = np.linspace(-0.001, 0.001, 10)

    def pair(gained):
        return {
            "one way": {"right": list(0.8 + 0 * spread)},
            "both ways": {"right": list(0.8 + gained + spread)},
        }

    gains = {"roles": roles, "ambiguous": ambiguous, "inside": 0, "echo": 0}
    times = {"first": first, "middle": middle, "last": 1}
    return {
        "tasks": {task: pair(gained) for task, gained in gains.items()},
        "recall": [
            {"net": net, "position": position, "updates": list(updates + spread)}
            for position, ratio in times.items()
            for net, updates in (("one way", 100 * ratio), ("both ways, h_n", 100))
        ],
        "recall_steps": 60,
    }


@pytest.mark.parametrize(
    "found, status",
    [
        ((0.1, 0.1, 4, 2), "held"),
        ((0.1, 0.1, 4, 0.5), "held partly"),
        ((0.1, 0.0, 4, 2), "held partly"),
        ((0.0, 0.01, 4, 2), "undecided"),
        ((0.0, -0.1, 4, 2), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(found, status):
    assert module.verdict(planted(*found)).status == status
