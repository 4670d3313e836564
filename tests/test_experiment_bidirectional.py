"""Both directions: the quick version, and what each net is allowed to see."""

import math

import numpy as np
import pytest
import torch

from rnn_book.datasets import Vocabulary, standard_library_source, token_labels
from rnn_book.experiments import bidirectional as module
from rnn_book.experiments.runner import run_claim
from rnn_book.experiments.shown import mean

CHARACTERS = 100_000


@pytest.fixture(scope="module")
def summary(run_cache):
    return module.summarise(run_claim("bidirectional", quick=True, cache=run_cache, progress=False))


def test_both_ways_know_more_of_a_name_and_a_late_answer_some_of_it(summary):
    one, late, both = (
        mean(summary["tags"][net]["roles"]) for net in ("one way", "one way, 4 late", "both ways")
    )
    assert one > 0.6
    assert 0.04 < both - one < 0.4
    assert both < 0.9999
    assert late < both


def test_both_ways_gain_less_where_the_past_decides(summary):
    tags = summary["tags"]
    gains = {
        task: mean(tags["both ways"][task]) - mean(tags["one way"][task])
        for task in ("roles", "inside")
    }
    assert gains["inside"] < gains["roles"] / 2
    assert mean(tags["one way"]["inside"]) > summary["commonest"]["inside"]


def test_both_ends_come_near_for_a_net_that_reads_both_ways(summary):
    right = {(place["net"], place["position"]): place["right"] for place in summary["recall"]}
    assert min(right["both ways, h_n", "first"]) > 0.95
    assert min(right["both ways, h_n", "last"]) > 0.95
    assert min(right["one way", "last"]) > 0.95
    assert 0.1 < mean(right["one way", "first"]) < 0.6


def test_a_model_of_the_next_symbol_that_reads_both_ways_reads_its_answer(summary):
    one, both = summary["leak"]["one way"], summary["leak"]["both ways"]
    assert 0.01 < mean(both["before_last"]) < mean(one["before_last"]) - 1
    assert mean(both["last"]) > mean(one["last"]) - 0.5
    assert mean(both["last"]) > mean(both["before_last"]) + 2


def test_everything_can_be_shown(summary):
    assert module.verdict(summary).status in ("held", "held partly", "not held")
    assert set(module.tables(summary)) == {"table", "recall", "leak"}
    assert set(module.figures(summary)) == {"", "recall"}


@pytest.mark.parametrize("both", [False, True])
def test_parameters_are_counted_as_torch_counts_them(both):
    model = module.Reader(30, 7, both, np.random.default_rng(0))
    counted = sum(p.numel() for p in [*model.lstm.parameters(), *model.linear.parameters()])
    hidden = model.lstm.hidden_size
    assert module.parameters(module.EMBEDDING, hidden, 7, both) == counted


@pytest.mark.parametrize("inputs, hidden, outputs", [(16, 48, 5), (8, 32, 4), (16, 48, 99)])
def test_no_other_width_comes_closer(inputs, hidden, outputs):
    budget = module.parameters(inputs, hidden, outputs, False)
    width = module.width(inputs, hidden, outputs, True)
    misses = [
        abs(module.parameters(inputs, w, outputs, True) - budget)
        for w in (width - 1, width, width + 1)
    ]
    assert misses[1] == min(misses)
    assert misses[1] < 0.05 * budget
    assert module.width(inputs, hidden, outputs, False) == hidden


@pytest.fixture(scope="module")
def part():
    text = module.beginning(standard_library_source().train, CHARACTERS)
    return text, module.labelled(text, Vocabulary(text))


def test_the_beginning_ends_between_two_definitions():
    text = standard_library_source().train
    kept = module.beginning(text, CHARACTERS)
    assert CHARACTERS / 2 < len(kept) <= CHARACTERS
    assert text.startswith((kept + "def ", kept + "class "))
    assert module.beginning("x = 1\n", None) == module.beginning("x = 1\n", 9) == "x = 1\n"


def test_windows_begin_on_lines_outside_strings_and_do_not_overlap(part):
    text, source = part
    inside = token_labels(text)[1]
    for begin in source.begins:
        assert text[begin - 1] == "\n"
        assert not inside[begin - 1]
    windows = module.held_out(source, 10**9)
    fewer = module.held_out(source, 7)
    assert fewer.symbols.shape == (module.SCORED + module.LATEST, 7)
    assert windows.symbols.shape[1] * module.SCORED <= len(text)
    assert windows.symbols.shape[1] * module.SCORED > len(text) / 4


def test_labels_of_a_window_are_those_of_the_text(part):
    text, source = part
    begin = int(source.begins[5])
    window = module.cut(source, np.array([begin]))
    roles, inside = token_labels(text)
    end = begin + module.SCORED
    np.testing.assert_array_equal(window.roles[:, 0], roles[begin:end])
    np.testing.assert_array_equal(window.inside[:, 0], inside[begin:end])
    np.testing.assert_array_equal(
        window.symbols[:, 0], Vocabulary(text).encode(text[begin : end + module.LATEST])
    )


@pytest.mark.parametrize("both, late", module.TAGGERS.values())
def test_a_net_sees_as_much_of_the_future_as_it_is_late(both, late):
    model = module.Tagger(20, both, late, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    symbols = torch.from_numpy(rng.integers(0, 20, (module.SCORED + module.LATEST, 3)))
    changed = symbols.clone()
    changed[50] = (changed[50] + 1) % 20
    with torch.no_grad():
        moved = (model(symbols)[0] != model(changed)[0]).any(-1).any(-1)
    first = int(moved.nonzero()[0])
    assert len(moved) == module.SCORED
    assert first < 40 if both else first == 50 - late


def test_the_loss_of_tags_is_that_of_a_loop(part):
    _, source = part
    windows = module.cut(source, source.begins[:4])
    shape = windows.roles.shape
    generator = np.random.default_rng(4)
    scores = tuple(torch.from_numpy(generator.standard_normal((*shape, k))) for k in (3, 2))
    roles, sides, right, right_sides = [], [], [], []
    for t, n in np.ndindex(*shape):
        role, side = int(windows.roles[t, n]), int(windows.inside[t, n])
        if role:
            row = scores[0][t, n]
            roles.append(float(torch.logsumexp(row, 0) - row[role - 1]))
            right.append(int(row.argmax()) == role - 1)
        row = scores[1][t, n]
        sides.append(float(torch.logsumexp(row, 0) - row[side]))
        right_sides.append(int(row.argmax()) == side)
    expected = np.mean(roles) + np.mean(sides)
    assert float(module.tag_loss(scores, windows)) == pytest.approx(expected)
    assert module.tag_accuracy(scores, windows) == pytest.approx(
        (np.mean(right), np.mean(right_sides))
    )


def test_bits_of_the_leak_are_those_of_a_loop():
    model = module.Reader(6, 6, True, np.random.default_rng(5))
    stretches = np.random.default_rng(6).integers(0, 6, (9, 4))
    with torch.no_grad():
        shares = torch.softmax(model(torch.from_numpy(stretches[:-1])), -1).numpy()
    lost = np.array(
        [[-math.log2(shares[t, n, stretches[t + 1, n]]) for n in range(4)] for t in range(8)]
    )
    before, last = module.leak_bits(model, stretches)
    assert before == pytest.approx(lost[:-1].mean(), rel=1e-5)
    assert last == pytest.approx(lost[-1].mean(), rel=1e-5)


def test_what_is_read_out_is_h_n_or_the_last_output():
    inputs = torch.from_numpy(np.random.default_rng(7).standard_normal((5, 2, 8))).float()
    for both, read_out in module.RECALLERS.values():
        model = module.Recaller(both, read_out, np.random.default_rng(8))
        output, _ = model.lstm(inputs)
        hidden = model.lstm.hidden_size
        ahead, back = output[-1, :, :hidden], output[-1 if read_out != "h_n" else 0, :, hidden:]
        expected = model.linear(torch.cat([ahead, back], -1))
        torch.testing.assert_close(model(inputs), expected)


def planted(roles, inside, first, middle, alone=0.25):
    """A summary with these gains, and these shares recalled."""

    def net(*gains):
        both = {"rate": 0.01, "parameters": 1}
        return both | {
            task: [0.8 + gain, 0.81 + gain]
            for task, gain in zip(("roles", "inside"), gains, strict=True)
        }

    return {
        "tags": {
            "one way": net(0, 0),
            "one way, 4 late": net(0, 0),
            "both ways": net(roles, inside),
        },
        "recall": [
            {"net": net_, "position": position, "right": [right, right]}
            for net_, rights in (
                ("one way", (alone, alone, 1.0)),
                ("both ways, h_n", (first, middle, 1.0)),
            )
            for position, right in zip(module.POSITIONS, rights, strict=True)
        ],
        "recall_steps": 60,
    }


@pytest.mark.parametrize(
    "found, status",
    [
        ((0.1, 0.1, 1.0, 1.0), "held"),
        ((0.1, 0.0, 1.0, 0.3), "held partly"),
        ((0.0, 0.0, 1.0, 0.3), "held partly"),
        ((0.005, 0.0, 0.3, 0.3), "not held"),
        ((-0.1, -0.1, 1.0, 1.0, 1.0), "not held"),
    ],
)
def test_the_verdict_follows_its_rule(found, status):
    assert module.verdict(planted(*found)).status == status
