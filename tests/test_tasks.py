"""Generated tasks, each held against an oracle that knows nothing of the generator."""

import math
import re
from collections import Counter
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from rnn_book import tasks

# The language once more, as a regular expression derived from the figure, not from the package's
# table.
INNER = "B(?:TS*X(?:S|XT*V(?:PXT*V)*(?:V|PS))|PT*V(?:PXT*V)*(?:V|PS))E"
EMBEDDED = re.compile(f"B(?:T{INNER}T|P{INNER}P)E")
# Enough endings to complete whatever may begin: one for each state of the inner grammar, in each of
# the two frames.
INNER_ENDINGS = ["BPVVE", "PVVE", "XSE", "VVE", "SE", "VE", "E", ""]
ENDINGS = [
    *(ending + outer + "E" for ending, outer in product(INNER_ENDINGS, "TP")),
    *(f"{outer}BPVVE{outer}E" for outer in "TP"),
    "BTBPVVETE",
    "E",
    "",
]
MAKERS = {
    "adding": lambda rng: tasks.adding(12, 3, rng=rng),
    "recall": lambda rng: tasks.recall(12, 3, rng=rng, noise=0.5),
    "embedded_reber": lambda rng: tasks.embedded_reber(3, rng=rng),
    "continual_reber": lambda rng: tasks.continual_reber(40, 3, rng=rng),
    "counting": lambda rng: tasks.counting(3, smallest=1, largest=40, rng=rng),
}


def texts(sequences, symbols):
    """The symbols shown, then the last one predicted: whole strings, or a stream."""
    shown = sequences.inputs.argmax(-1)
    return [
        "".join(symbols[i] for i in [*shown[:length, n], sequences.targets[length - 1, n]])
        for n, length in enumerate(sequences.lengths)
    ]


def is_whole(text):
    """Whether `legal_next` takes a text for one whole string: an E ends it, and then a B is due."""
    try:
        legal = tasks.legal_next(text)
    except ValueError:
        return False
    return text.endswith("E") and legal[-1] == "B" and "EB" not in text


def may_follow(prefix):
    return {s for s in "BTPSXVE" if any(EMBEDDED.fullmatch(prefix + s + e) for e in ENDINGS)}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_seed_decides_every_array(make):
    for first, again, generated in zip(
        make(7), make(7), make(np.random.default_rng(7)), strict=True
    ):
        assert_array_equal(first, again)
        assert_array_equal(first, generated)
    assert any(not np.array_equal(a, b) for a, b in zip(make(7), make(8), strict=True))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_global_random_state_is_left_alone(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - this test is about it
    make(7)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002 - likewise


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inputs_have_the_dtype_that_was_asked_for(dtype):
    made = [
        tasks.adding(5, 2, rng=0, dtype=dtype),
        tasks.recall(5, 2, rng=0, dtype=dtype, noise=1),
        tasks.embedded_reber(2, rng=0, dtype=dtype),
        tasks.continual_reber(5, 2, rng=0, dtype=dtype),
        tasks.counting(2, smallest=1, largest=3, rng=0, dtype=dtype),
    ]
    assert {batch.inputs.dtype for batch in made} == {np.dtype(dtype)}
    assert made[0].targets.dtype == dtype


@pytest.mark.parametrize("steps", [2, 3, 10, 51])
def test_adding_sums_two_marked_numbers_one_in_each_half(steps):
    inputs, targets = tasks.adding(steps, 400, rng=1)
    assert inputs.shape == (steps, 400, 2)
    assert targets.shape == (400, 1)
    places = set()
    for n in range(400):
        first, second = [t for t in range(steps) if inputs[t, n, 1] == 1]
        places |= {first, second}
        assert first < steps // 2 <= second
        assert targets[n, 0] == pytest.approx(inputs[first, n, 0] + inputs[second, n, 0])
    assert set(np.unique(inputs[..., 1])) <= {0, 1}
    assert inputs[..., 0].min() >= 0
    assert inputs[..., 0].max() < 1
    assert places == set(range(steps))


def test_guessing_the_mean_scores_the_adding_baseline():
    _, targets = tasks.adding(10, 200_000, rng=2)
    assert targets.mean() == pytest.approx(1, abs=0.005)
    assert ((targets - 1) ** 2).mean() == pytest.approx(tasks.adding_baseline(), abs=0.002)
    assert tasks.adding_baseline() == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    "position, where", [("first", 0), ("middle", 4), ("last", 8), (0, 0), (5, 5), (8, 8)]
)
def test_recall_shows_the_target_once_and_distractors_elsewhere(position, where):
    inputs, targets = tasks.recall(9, 300, rng=3, symbols=3, distractors=5, position=position)
    assert inputs.shape == (9, 300, 8)
    assert_array_equal(inputs.sum(-1), 1)
    shown = inputs.argmax(-1)
    assert_array_equal(shown[where], targets)
    assert (np.delete(shown, where, axis=0) >= 3).all()
    assert set(targets) == {0, 1, 2}
    assert set(np.delete(shown, where, axis=0).ravel()) == {3, 4, 5, 6, 7}


def test_recall_without_distractors_is_silent_but_for_noise():
    silent, _ = tasks.recall(6, 500, rng=4, distractors=0)
    assert not silent[1:].any()
    noisy, targets = tasks.recall(6, 500, rng=4, distractors=0, noise=0.3)
    assert noisy[1:].std() == pytest.approx(0.3, rel=0.05)
    assert (noisy[0] - tasks.one_hot(targets, 4)).std() == pytest.approx(0.3, rel=0.05)


def test_single_reber_strings_are_in_the_language():
    strings = texts(tasks.embedded_reber(2000, rng=8), tasks.REBER_SYMBOLS)
    assert all(EMBEDDED.fullmatch(text) for text in strings)
    assert len(set(strings)) > 300
    assert min(map(len, strings)) == 9


def test_every_choice_of_the_grammar_is_even():
    """The shortest strings take four choices, outer and inner, so each has probability 1/16."""
    strings = Counter(texts(tasks.embedded_reber(40_000, rng=9), tasks.REBER_SYMBOLS))
    for shortest in ("BTBTXSETE", "BPBTXSEPE", "BTBPVVETE", "BPBPVVEPE"):
        assert strings[shortest] / 40_000 == pytest.approx(1 / 16, abs=0.005)


def test_a_continual_stream_is_a_chain_of_strings():
    streams = tasks.continual_reber(3000, 4, rng=10)
    for n, text in enumerate(texts(streams, tasks.REBER_SYMBOLS)):
        whole = re.findall(EMBEDDED, text)
        rest = text[len("".join(whole)) :]
        assert text.startswith("".join(whole))
        assert any(EMBEDDED.fullmatch(rest + ending) for ending in ENDINGS)
        begins = np.cumsum([0, *map(len, whole)])
        assert_array_equal(np.flatnonzero(streams.starts[:, n]), begins[begins < 3000])
        long_lag = begins[1:] - 3  # the input there is the inner E, the target the T or P
        expected = long_lag.tolist()
        if rest[-2:] in ("ET", "EP"):
            expected.append(len(text) - 2)
        assert np.flatnonzero(streams.needs_memory[:, n]).tolist() == expected


def test_legal_symbols_are_those_from_which_a_string_can_be_completed():
    single = tasks.embedded_reber(60, rng=11)
    for n, text in enumerate(texts(single, tasks.REBER_SYMBOLS)):
        for t in range(single.lengths[n]):
            legal = {tasks.REBER_SYMBOLS[i] for i in np.flatnonzero(single.legal[t, n])}
            assert legal == may_follow(text[: t + 1])
            assert set(tasks.legal_next(text)[t]) == legal


def test_the_long_lag_symbol_repeats_the_second_and_follows_the_inner_string():
    single = tasks.embedded_reber(300, rng=12)
    assert_array_equal(single.needs_memory.sum(0), 1)
    steps, sequences = np.nonzero(single.needs_memory)
    assert_array_equal(steps, single.lengths[sequences] - 2)
    second = single.inputs[1].argmax(-1)
    assert_array_equal(single.targets[steps, sequences], second[sequences])
    # Without memory of the second symbol both are possible: the same inner string occurs in both
    # frames.
    inner = {"T": set(), "P": set()}
    for text in texts(single, tasks.REBER_SYMBOLS):
        inner[text[1]].add(text[2:-2])
    assert inner["T"] & inner["P"]


def test_targets_are_the_inputs_one_step_later():
    for sequences in (
        tasks.continual_reber(50, 5, rng=13),
        tasks.embedded_reber(30, rng=13),
        tasks.counting(30, smallest=1, largest=6, rng=13, letters=3),
    ):
        both = sequences.mask[1:]
        assert_array_equal(sequences.targets[:-1][both], sequences.inputs.argmax(-1)[1:][both])
        hit = np.take_along_axis(sequences.legal, sequences.targets[..., None], -1)[..., 0]
        assert hit[sequences.mask].all()


@pytest.mark.parametrize("maker", ["embedded_reber", "counting"])
def test_nothing_stands_beyond_a_sequences_end(maker):
    sequences = MAKERS[maker](14)
    beyond = ~sequences.mask
    assert beyond.any()
    assert_array_equal(sequences.mask.sum(0), sequences.lengths)
    for array in (sequences.inputs, sequences.targets, sequences.legal, sequences.needs_memory):
        assert not array[beyond].any()


# Right and wrong strings from N. Schraudolph's course page on the grammar (wrapped into the
# outer frame).
@pytest.mark.parametrize(
    "inner", ["BTSSXXTVVE", "BPVVE", "BTXXVPSE", "BPVPXVPXVPXVVE", "BTSXXVPSE"]
)
def test_published_strings_are_accepted(inner):
    for outer in "TP":
        assert is_whole(f"B{outer}{inner}{outer}E")
        assert EMBEDDED.fullmatch(f"B{outer}{inner}{outer}E")


@pytest.mark.parametrize("inner", ["BTSSPXSE", "BPTVVB", "BTXXVVSE", "BPVSPSE", "BTSSSE"])
def test_published_non_strings_are_rejected(inner):
    assert not is_whole(f"BT{inner}TE")


@pytest.mark.parametrize(
    "text", ["", "B", "BPBPVVETE", "BTBPVVETEB", "BTBPVVETEBTBPVVETE", "BTBPVVE"]
)
def test_what_is_not_one_whole_string_is_rejected(text):
    assert not is_whole(text)


def test_recogniser_agrees_with_the_regular_expression_on_mutated_strings():
    rng = np.random.default_rng(15)
    accepted = 0
    for text in texts(tasks.embedded_reber(1500, rng=16), tasks.REBER_SYMBOLS):
        place = rng.integers(len(text))
        mutant = text[:place] + tasks.REBER_SYMBOLS[rng.integers(7)] + text[place + 1 :]
        right = EMBEDDED.fullmatch(mutant) is not None
        assert is_whole(mutant) == right
        accepted += right
    assert 0 < accepted < 1500


def test_an_illegal_text_is_named_with_its_place():
    assert tasks.legal_next("BTBTXSETE") == ["TP", "B", "TP", "SX", "SX", "E", "T", "E", "B"]
    with pytest.raises(ValueError, match="text must have T or P at place 1, got 'X' in 'BX'"):
        tasks.legal_next("BX")


@pytest.mark.parametrize("letters", [2, 3])
def test_counting_sequences_are_in_the_language(letters):
    sequences = tasks.counting(400, smallest=2, largest=9, rng=17, letters=letters)
    symbols = "SabT" if letters == 2 else "SabcT"
    counts = set()
    for n, text in enumerate(texts(sequences, symbols)):
        count = text.count("a")
        counts.add(count)
        assert text == "S" + "".join(x * count for x in symbols[1:-1]) + "T"
        assert sequences.lengths[n] == letters * count + 1
        for t in range(sequences.lengths[n]):
            legal = {symbols[i] for i in np.flatnonzero(sequences.legal[t, n])}
            follows = {"a", "b"} if text[t] == "a" else {text[t + 1]}
            assert legal == follows
            assert sequences.needs_memory[t, n] == (text[t] in "bc")
            assert sequences.starts[t, n] == (t == 0)
    assert counts == set(range(2, 10))


def test_a_prediction_is_right_when_all_legal_symbols_lead():
    legal = [True, True, False]
    assert tasks.predicts_legal([2, 1, 0], legal)
    assert not tasks.predicts_legal([2, 0, 1], legal)
    assert not tasks.predicts_legal([2, 1, 1], legal)
    assert not tasks.predicts_legal([2, np.nan, 0], legal)
    assert not tasks.predicts_legal([2, 1, np.nan], legal)
    assert tasks.predicts_legal([0, 0, 0], [True] * 3)
    assert not tasks.predicts_legal([0, 0, 0], [False] * 3)
    scores = np.random.default_rng(18).normal(size=(4, 5, 7))
    assert tasks.predicts_legal(scores, scores > 0).all()
    with pytest.raises(
        ValueError, match=r"legal must have the shape of scores, \(3,\), got \(2,\)"
    ):
        tasks.predicts_legal([0, 0, 0], [True, False])


def test_one_hot_is_the_identity_by_rows():
    assert_array_equal(tasks.one_hot(np.arange(4), 4), np.eye(4))
    assert tasks.one_hot(np.zeros((2, 3), int), 5, bool).shape == (2, 3, 5)
    assert tasks.one_hot([], 5).shape == (0, 5)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: tasks.adding(1, 3, rng=0), ValueError, "steps must be at least 2, got 1"),
        (lambda: tasks.adding(5.0, 3, rng=0), TypeError, "steps should be of type int, got: float"),
        (lambda: tasks.adding(5, 0, rng=0), ValueError, "batch must be greater than zero, got 0"),
        (lambda: tasks.adding(5, 3, rng=-1), TypeError, "rng must be None, a seed"),
        (lambda: tasks.recall(0, 3, rng=0), ValueError, "steps must be greater than zero, got 0"),
        (lambda: tasks.recall(5, 3, rng=0, symbols=1), ValueError, "symbols must be at least 2"),
        (lambda: tasks.recall(5, 3, rng=0, distractors=-1), ValueError, "distractors must be at"),
        (lambda: tasks.recall(5, 3, rng=0, noise=-1), ValueError, "noise must be a standard"),
        (lambda: tasks.recall(5, 3, rng=0, noise=math.nan), ValueError, "noise must be a standard"),
        (
            lambda: tasks.recall(5, 3, rng=0, position="end"),
            ValueError,
            "position must be 'first', 'middle', 'last' or a step from 0 to 4, got 'end'",
        ),
        (lambda: tasks.recall(5, 3, rng=0, position=5), ValueError, "from 0 to 4, got 5"),
        (lambda: tasks.recall(5, 3, rng=0, position=-1), ValueError, "from 0 to 4, got -1"),
        (lambda: tasks.embedded_reber(0, rng=0), ValueError, "batch must be greater than zero"),
        (lambda: tasks.continual_reber(0, 3, rng=0), ValueError, "steps must be greater than zero"),
        (
            lambda: tasks.counting(3, smallest=4, largest=3, rng=0),
            ValueError,
            "largest must be at least smallest, 4, got 3",
        ),
        (
            lambda: tasks.counting(3, smallest=1, largest=3, rng=0, letters=4),
            ValueError,
            "letters must be 2 or 3, got 4",
        ),
        (lambda: tasks.one_hot([0, 3], 3), ValueError, "indices must be integers from 0 to 2"),
        (lambda: tasks.one_hot([-1], 3), ValueError, "indices must be integers from 0 to 2"),
        (lambda: tasks.one_hot([0.5], 3), ValueError, "indices must be integers from 0 to 2"),
    ],
)
def test_an_impossible_request_names_the_argument(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
