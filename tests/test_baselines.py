"""Baselines, each against a slow or closed-form version of itself."""

import math
from itertools import product

import numpy as np
import pytest

from rnn_book import baselines, datasets
from rnn_book.datasets import Windows


def slow_probability(train, context, symbol, size, discounts):
    """The smoothed n-gram by its definition, from tuples and a loop."""
    if not discounts:
        return 1 / size
    n = len(discounts)
    context = tuple(context[len(context) - (n - 1) :]) if n > 1 else ()
    lower = slow_probability(train, context[1:], symbol, size, discounts[:-1])
    following = [
        train[i + n - 1]
        for i in range(len(train) - n + 1)
        if tuple(train[i : i + n - 1]) == context
    ]
    if not following:
        return lower
    kept = max(following.count(symbol) - discounts[-1], 0) / len(following)
    return kept + discounts[-1] * len(set(following)) / len(following) * lower


def slow_bits(train, text, size, discounts):
    total = 0.0
    for i, symbol in enumerate(text):
        usable = discounts[: i + 1]
        total -= math.log2(slow_probability(train, tuple(text[:i]), symbol, size, usable))
    return total / len(text)


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(0)
    return [rng.choice(4, size=size, p=[0.5, 0.3, 0.15, 0.05]).tolist() for size in (60, 40, 40)]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_ngrams_score_what_their_definition_says(texts, order):
    train, validation, test = texts
    scores = baselines.ngram_bits(
        train, validation, test, size=5, order=order, discounts=(0.2, 0.7)
    )
    settings = [score.setting for score in scores]
    assert len(scores) == order
    for n, score in enumerate(scores, start=1):
        assert score.validation == pytest.approx(slow_bits(train, validation, 5, settings[:n]))
        assert score.test == pytest.approx(slow_bits(train, test, 5, settings[:n]))
        others = [slow_bits(train, validation, 5, [*settings[: n - 1], d]) for d in (0.2, 0.7)]
        assert score.validation == pytest.approx(min(others))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_ngram_probabilities_sum_to_one(texts, order):
    """Over every symbol, seen or not, in every context: read off the bits of short texts."""
    train, size = texts[0], 5
    for context in product(range(size), repeat=order - 1):
        total = 0.0
        for symbol in range(size):
            text = [*context, symbol]
            whole = baselines.ngram_bits(
                train, text, text, size=size, order=order, discounts=(0.5,)
            )[-1].test * len(text)
            before = 0.0
            if context:
                before = baselines.ngram_bits(
                    train, context, context, size=size, order=order, discounts=(0.5,)
                )[-1].test * len(context)
            total += 2 ** (before - whole)
        assert total == pytest.approx(1)


def test_a_longer_context_helps_where_the_text_has_one():
    """A text that repeats is predicted by three symbols and hardly by one."""
    cycle = [0, 1, 0, 2] * 50
    one, two, three = baselines.ngram_bits(cycle, cycle, cycle, size=3, order=3)
    assert one.test > 1.4
    assert 0.4 < two.test < 0.6
    assert three.test < 0.1


def test_a_single_order_on_a_uniform_text_needs_all_bits():
    text = np.arange(8).repeat(100)
    [score] = baselines.ngram_bits(text, text, text, size=8, order=1)
    assert score.test == pytest.approx(3, abs=1e-6)


def test_a_training_text_shorter_than_the_order_changes_nothing():
    scores = baselines.ngram_bits([1, 2], [1, 2, 1], [2, 2], size=3, order=50)
    assert len({score.test for score in scores[1:]}) == 1


@pytest.mark.parametrize(
    "change, message",
    [
        ({"train": []}, "train must be integers from 0 to 4, of shape"),
        ({"test": [5]}, "test must be integers from 0 to 4"),
        ({"validation": [-1]}, "validation must be integers from 0 to 4"),
        ({"test": [0.5]}, "test must be integers"),
        ({"test": [[1]]}, "test must be integers"),
        ({"order": 0}, "order must be greater than zero"),
        ({"discounts": (0.5, 1.0)}, "discounts must lie between 0 and 1"),
        ({"discounts": ()}, "discounts must lie between 0 and 1"),
    ],
)
def test_an_impossible_ngram_names_the_argument(change, message):
    arguments = {"train": [1, 2], "validation": [1], "test": [2], "size": 5, "order": 2}
    with pytest.raises(ValueError, match=message):
        baselines.ngram_bits(**{**arguments, **change})


def made_windows(count, weights, rng, noise):
    inputs = rng.normal(size=(3, count, 2)) + 1
    rows = inputs.swapaxes(0, 1).reshape(count, 6)
    targets = rows @ weights + 5 + noise * rng.normal(size=(count, 1))
    return Windows(inputs, targets, np.arange(count), 0)


@pytest.fixture
def made():
    rng = np.random.default_rng(2)
    weights = rng.normal(size=(6, 1))
    return [made_windows(count, weights, rng, 0.5) for count in (80, 50, 50)]


@pytest.mark.parametrize("penalty", [1e-9, 3.0, 1e9])
def test_ridge_minimises_its_own_objective(made, penalty):
    """Against least squares on rows that spell the penalty out, intercept free."""
    train, validation, test = made
    score = baselines.ridge(train, validation, test, penalties=(penalty,))

    def rows(windows):
        own = windows.inputs.swapaxes(0, 1).reshape(len(windows.now), 6)
        return np.column_stack([own, np.ones(len(own))])

    spelled = np.vstack([rows(train), np.sqrt(penalty) * np.eye(6, 7)])
    answers = np.vstack([train.targets, np.zeros((6, 1))])
    weights = np.linalg.lstsq(spelled, answers, rcond=None)[0]
    for windows, own in ((validation, score.validation), (test, score.test)):
        assert own == pytest.approx(np.abs(rows(windows) @ weights - windows.targets).mean())


def test_ridge_chooses_its_penalty_on_validation_data(made):
    train, validation, test = made
    penalties = (1e-6, 1.0, 1e3, 1e6)
    alone = {p: baselines.ridge(train, validation, test, penalties=(p,)) for p in penalties}
    best = min(penalties, key=lambda p: alone[p].validation)
    assert baselines.ridge(train, validation, test, penalties=penalties) == alone[best]
    assert best < 1e3
    for bad in ((), (0.0,), (-1.0, 1.0)):
        with pytest.raises(ValueError, match="penalties must be positive"):
            baselines.ridge(train, validation, test, penalties=bad)


def test_persistence_is_the_mean_size_of_the_change(made):
    assert baselines.persistence(made[0]) == np.abs(made[0].targets).mean()


def test_on_the_weather_ridge_beats_persistence_and_no_penalty_at_the_edge_is_chosen():
    year = datasets.weather()
    parts = [year.windows(part) for part in ("train", "validation", "test")]
    score = baselines.ridge(*parts)
    assert 2.9 < baselines.persistence(parts[2]) < 3.2
    assert 2.7 < score.test < 2.95
    assert score.test < baselines.persistence(parts[2])
    assert 1e2 < score.setting < 1e6
