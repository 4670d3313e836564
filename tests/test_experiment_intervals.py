"""Intervals, decisions and tuning against SciPy, known values, and planted data."""

import math

import numpy as np
import pytest
from scipy import stats

from rnn_book.experiments import tuning
from rnn_book.experiments.claims import Run
from rnn_book.experiments.intervals import (
    Interval,
    decide,
    family,
    family_of_shares,
    interval,
    level_with,
    paired,
    share,
    would_take,
)


def test_a_few_values_have_students_interval():
    values = np.array([2.1, 2.5, 1.9, 2.8, 2.2])
    oracle = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = interval(values)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), rel=1e-12)
    # From a table: t(0.975; 4) = 2.776.
    reach = 2.776 * values.std(ddof=1) / math.sqrt(5)
    assert found.high - found.mean == pytest.approx(reach, rel=2e-4)


def test_pairs_are_compared_as_scipy_does():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 8))
    oracle = stats.ttest_rel(first, second).confidence_interval(0.9)
    found = paired(first, second, 0.9)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), rel=1e-12)


def test_from_twenty_values_on_the_interval_is_a_bootstraps():
    values = np.random.default_rng(1).exponential(size=20)
    oracle = stats.bootstrap(
        (values,), np.mean, n_resamples=9999, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    found = interval(values)
    assert (found.low, found.high) == (oracle.low, oracle.high)
    # Values are skewed to the right, and the interval is so as well.
    assert found.high - found.mean > 1.05 * (found.mean - found.low)
    assert interval(values) == found
    t = stats.ttest_1samp(values[:19], 0).confidence_interval()
    assert interval(values[:19])[1:3] == pytest.approx((t.low, t.high), rel=1e-12)


@pytest.mark.parametrize("count", [5, 10, 25])
def test_intervals_cover_the_mean_as_often_as_they_say(count):
    rng = np.random.default_rng(2)
    tries = 400 if count < 20 else 60
    found = [interval(rng.normal(3, 2, count)) for _ in range(tries)]
    covered = np.mean([one.low < 3 < one.high for one in found])
    assert abs(covered - 0.95) < (0.03 if count < 20 else 0.1)


@pytest.mark.parametrize("count", [2, 5, 30])
def test_values_that_are_all_alike_have_an_interval_of_no_width(count):
    assert interval([0.1] * count)[:3] == pytest.approx((0.1, 0.1, 0.1), abs=1e-15)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [[1.0, 2.0]]])
def test_what_has_no_interval_is_an_error(values):
    with pytest.raises(ValueError, match="values must be at least two finite numbers"):
        interval(values)


def test_levels_outside_of_0_to_1_and_unequal_pairs_are_errors():
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 95"):
        interval([1.0, 2.0], 95)
    with pytest.raises(ValueError, match=r"a pair needs a value for each seed, got \(2,\) and \(3"):
        paired([1, 2], [1, 2, 3])


@pytest.mark.parametrize(
    "low, high, threshold, answer",
    [
        (0.1, 0.3, 0.0, "above"),
        (0.1, 0.3, 0.2, "undecided"),
        (0.1, 0.3, 0.4, "below"),
        (0.0, 0.3, 0.0, "undecided"),
        (-0.3, 0.0, 0.0, "undecided"),
    ],
)
def test_a_threshold_inside_of_the_interval_decides_nothing(low, high, threshold, answer):
    assert decide(Interval((low + high) / 2, low, high, 5, 0.95), threshold) == answer


@pytest.mark.parametrize(
    "low, high, answer",
    [
        (-0.1, 0.1, "level"),
        (0.05, 0.15, "level"),
        (-0.1, 0.3, "undecided"),
        (0.1, 0.3, "undecided"),
        (0.25, 0.3, "different"),
        (-0.3, -0.25, "different"),
    ],
)
def test_level_means_that_the_whole_interval_is_within_the_margin(low, high, answer):
    assert level_with(Interval((low + high) / 2, low, high, 5, 0.95), 0.2) == answer


def test_a_margin_is_positive():
    with pytest.raises(ValueError, match="margin must be positive, got 0"):
        level_with(Interval(0, 0, 0, 5, 0.95), 0)


def holm(p):
    """The procedure as it is written: which hypotheses are rejected at 5 %."""
    order = np.argsort(p)
    rejected = np.zeros(len(p), bool)
    for step, place in enumerate(order):
        if p[place] > 0.05 / (len(p) - step):
            break
        rejected[place] = True
    return rejected


@pytest.mark.parametrize("seed", range(12))
def test_a_family_is_decided_as_holm_does(seed):
    rng = np.random.default_rng(seed)
    values = {
        name: rng.normal(effect, 1, 9) for name, effect in zip("abcdef", range(6), strict=True)
    }
    values["c"] = rng.normal(0.9, 1, 9)
    found = family(values, threshold=0.2)
    assert list(found) == list(values)
    p = np.array([stats.ttest_1samp(v, 0.2).pvalue for v in values.values()])
    answers = np.array([decide(one, 0.2) != "undecided" for one in found.values()])
    np.testing.assert_array_equal(answers, holm(p))


def test_a_family_is_stricter_than_its_members_alone():
    rng = np.random.default_rng(3)
    false = [0, 0]
    for _ in range(200):
        values = {name: rng.normal(0, 1, 8) for name in "abcdef"}
        false[0] += any(decide(interval(v)) != "undecided" for v in values.values())
        false[1] += any(decide(one) != "undecided" for one in family(values).values())
    assert 0.18 < false[0] / 200 < 0.36
    assert false[1] / 200 < 0.1


def test_a_family_of_one_is_a_plain_interval():
    assert family({"a": [1.0, 2.0, 4.0]})["a"] == interval([1.0, 2.0, 4.0])


@pytest.mark.parametrize("successes, count", [(0, 10), (3, 10), (10, 10), (19, 20)])
def test_the_interval_of_a_share_is_where_neither_tail_is_too_small(successes, count):
    """At each end what was seen, or what lies beyond it, has a probability of 2.5 %."""
    found = share(successes, count)
    assert 0 <= found.low <= found.mean == successes / count <= found.high <= 1
    if successes:
        assert stats.binom.sf(successes - 1, count, found.low) == pytest.approx(0.025)
    if successes < count:
        assert stats.binom.cdf(successes, count, found.high) == pytest.approx(0.025)


@pytest.mark.parametrize("successes, count", [(3, 2), (-1, 2), (0, 0)])
def test_a_share_is_of_something(successes, count):
    with pytest.raises(ValueError, match="successes must be 0 to"):
        share(successes, count)


def test_shares_of_a_family_are_corrected_from_the_clearest_on():
    """9 of 10 alone are more than half; beside two more that are no clearer, they are not."""
    assert decide(share(9, 10), 0.5) == "above"
    equal = family_of_shares(dict.fromkeys("abc", (9, 10)))
    assert {decide(one, 0.5) for one in equal.values()} == {"undecided"}
    after = family_of_shares({"a": (9, 10), "b": (0, 10), "c": (10, 10)})
    assert [decide(one, 0.5) for one in after.values()] == ["above", "below", "above"]
    assert sorted(one.level for one in after.values()) == pytest.approx([0.95, 0.975, 1 - 0.05 / 3])
    assert after["a"].level == 0.95


# ----------------------------------------------------------------------------------------- tuning


def search(curve, start, **options):
    """Grow a grid, as a plan does, until nothing is new."""
    found = {}
    while True:
        values = tuning.grown(start, found, 3.0, **options)
        if set(values) == set(found):
            return found
        found = {value: curve(value) for value in values}


@pytest.mark.parametrize("top", [1e-5, 1e-4, 3e-3, 0.1, 1.0])
@pytest.mark.parametrize("largest", [False, True])
def test_a_grid_grows_until_its_best_value_is_inside(top, largest):
    sign = -1 if largest else 1
    found = search(
        lambda rate: sign * abs(math.log(rate / top)), [1e-3, 3e-3, 1e-2], largest=largest
    )
    assert tuning.is_inside(found, largest=largest)
    reached = tuning.best(found, largest=largest)
    assert abs(math.log(reached / top)) < math.log(3)


def test_a_grid_does_not_grow_where_its_best_value_is_inside():
    assert set(search(lambda rate: abs(rate - 2), [1, 2, 3])) == {1, 2, 3}


def test_a_grid_ends_at_what_exists_and_after_so_many_steps():
    found = search(lambda p: -p, [0.1, 0.3], limits=(0.0, 0.9))
    assert max(found) == 0.9
    assert tuning.is_inside(found, limits=(0.0, 0.9))
    found = search(lambda rate: -rate, [1.0, 3.0], most=2)
    assert len(found) == 4
    assert not tuning.is_inside(found)


def test_nothing_grows_before_all_is_known():
    assert tuning.grown([1, 2, 3], {1: 0.0, 2: 1.0}, 2.0) == [1, 2, 3]


def test_scores_are_means_and_halving_keeps_the_best():
    runs = [
        Run({"rate": rate}, i, {"v": rate * (i + 1)}, 0.0) for rate in (3, 1, 2) for i in (0, 1)
    ]
    found = tuning.scores(runs, lambda run: run.setting["rate"], lambda run: run.result["v"])
    assert found == {3: 4.5, 1: 1.5, 2: 3.0}
    assert tuning.halved(found, 2) == [1, 2]
    assert tuning.halved(found, 2, largest=True) == [3, 2]


def test_what_it_would_take_is_how_many_seeds_make_the_interval_short_enough():
    """Half the width takes four times the seeds."""
    one = Interval(0.1, -0.1, 0.3, 10, 0.95)
    assert "about 40 seeds" in would_take([one], 0.0)
    # Either threshold would do, so the one that is further away counts.
    assert "about 18 seeds" in would_take([one._replace(mean=0.1)], 0.0, -0.05)
    assert would_take([one._replace(mean=0.0)], 0.0) == ""
    assert "about 11 seeds" in would_take([one._replace(mean=0.5)], 0.0)
