"""A contest: what is planned, tuned and compared, on planted scores."""

import pytest

from rnn_book.experiments import contest, contest_shown
from rnn_book.experiments.claims import Run
from rnn_book.experiments.contest import Contender, Knob
from rnn_book.experiments.intervals import interval
from tests.experiments import around, planted_net

RATE = Knob("rate", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), (2.0, 3.0, 4.0))
DROP = Knob("p", (0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.3))


def run_all(settings, curve, tuning=2, seeds=3):
    """Runs whose score is a function of the setting; test scores would choose the opposite."""
    return [
        Run(setting, index, {"score": curve(setting) + index * 1e-6, "test": -curve(setting)}, 1.0)
        for setting in settings
        for index in contest.seeds_of(setting, seeds, tuning)
    ]


def score(run):
    return run.result["score"]


def play(contenders, curve, **options):
    """Plan and run until nothing is new; the settings of every round."""
    runs, rounds = [], []
    while True:
        settings = contest.plan(contenders, runs, score, **options)
        if rounds and len(settings) == len(rounds[-1]):
            return runs, rounds
        rounds.append(settings)
        runs = run_all(settings, curve)


@pytest.mark.parametrize("top", [1.0, 2.0, 3.4, 5.0, 6.0])
def test_a_knob_is_turned_until_the_best_is_inside(top):
    contenders = {"a": Contender({"width": 8}, (RATE,))}
    runs, rounds = play(contenders, lambda s: abs(s["rate"] - top))
    scored = contest.reported(contenders, runs, score)["a"]
    assert scored.chosen == {"rate": round(top)}
    assert scored.inside
    assert [setting["part"] for setting in rounds[0]] == ["tune"] * 3
    assert rounds[-1][-1] == {"part": "report", "net": "a", "width": 8, "rate": round(top)}


def test_largest_scores_win_where_they_are_better():
    contenders = {"a": Contender({}, (RATE,))}
    runs, _ = play(contenders, lambda s: -abs(s["rate"] - 5), largest=True)
    assert contest.reported(contenders, runs, score, largest=True)["a"].chosen == {"rate": 5}


def test_the_first_knob_is_tuned_again_when_the_others_are():
    """The best rate depends on p: 2 without it, 4 at p = 0.3."""
    contenders = {"a": Contender({}, (RATE, DROP))}

    def curve(s):
        return abs(s["p"] - 0.3) + abs(s["rate"] - (4 if s["p"] == 0.3 else 2)) / 100

    runs, _ = play(contenders, curve)
    assert contest.reported(contenders, runs, score)["a"].chosen == {"rate": 4, "p": 0.3}


def test_tuning_and_report_have_different_seeds_and_alike_for_all():
    assert list(contest.seeds_of({"part": "tune"}, 10, 3)) == [100, 101, 102]
    assert list(contest.seeds_of({"part": "report"}, 4, 3)) == [0, 1, 2, 3]


def test_groups_are_run_one_after_the_other():
    groups = [{"a": Contender({}, (RATE,))}, {"b": Contender({}, (RATE,))}]
    runs, seen = [], []
    for _ in range(6):
        settings = contest.in_turn(groups, runs, score, 3)
        seen.append({setting["net"] for setting in settings})
        runs = run_all(settings, lambda s: abs(s["rate"] - 3))
    assert seen[:2] == [{"a"}, {"a"}]
    assert seen[-1] == {"a", "b"}


def test_the_quick_version_does_not_tune():
    contenders = {"a": Contender({}, (RATE, DROP))}
    assert contest.plan(contenders, [], score, quick=True) == [
        {"part": "report", "net": "a", "rate": 3.0, "p": 0.2}
    ]


def test_a_contender_without_knobs_is_reported_at_once():
    assert contest.plan({"a": Contender({"x": 1})}, [], score) == [
        {"part": "report", "net": "a", "x": 1}
    ]


def test_summaries_hold_the_seeds_that_are_in():
    contenders = {"a": Contender({"x": 1}), "b": Contender({"x": 2})}
    runs = [
        Run({"part": "report", "net": "a", "x": 1}, index, {"score": 0.5, "test": index}, 1.0)
        for index in (2, 0)
    ]
    found = contest.summary(contenders, runs, score, ["test"])
    assert list(found) == ["a"]
    assert found["a"]["seeds"] == found["a"]["test"] == [0, 2]
    assert found["a"]["score"] == [0.5, 0.5]


def test_a_summary_says_with_what_its_runs_ran():
    """Not with what the module would run today."""
    runs = [Run({"part": "report", "net": "a", "x": 1}, 0, {"score": 0.5, "test": 0}, 1.0)]
    found = contest.summary({"a": Contender({"x": 2})}, runs, score, ["test"])
    assert found["a"]["x"] == 1


def test_pairs_are_of_one_seed():
    first = {"seeds": [0, 1, 3], "test": [10, 11, 13]}
    second = {"seeds": [1, 2, 3], "test": [21, 22, 23]}
    assert contest.paired_scores(first, second) == ([11, 13], [21, 23])


def test_a_start_must_be_on_the_ladder():
    with pytest.raises(ValueError, match="start must be neighbours on the ladder"):
        contest.plan({"a": Contender({}, (Knob("rate", (1.0, 2.0, 3.0), (1.0, 3.0)),))}, [], score)


# ---------------------------------------------------------------------------------------- shown


@pytest.mark.parametrize(
    "gains, status",
    [
        ((0.5, 0.5), "held"),
        ((0.5, 0.0), "held partly"),
        ((0.5,), "held partly"),
        ((0.0, -0.5), "not held"),
        ((0.0,), "undecided"),
        ((), "undecided"),
    ],
)
def test_a_standing_needs_every_question(gains, status):
    nets = {"base": planted_net(around(3))}
    questions = {}
    for place, gain in enumerate(gains):
        noise = reversed(around(3 - gain)) if place else around(3 - gain)
        nets[str(place)] = planted_net(list(noise))
        questions[str(place)] = ("base", str(place))
    found = contest_shown.gains(nets, questions)
    assert contest_shown.standing(found, 2, 0.05) == status


def test_a_wide_interval_is_undecided():
    one = interval([0.1, -0.1, 0.2, -0.05, 0.12])
    assert contest_shown.standing({"a": one}, 1, 0.02) == "undecided"
    assert contest_shown.answer(one, 0.02) == "undecided"
    assert contest_shown.answer(one, 0.5) == "no better by what would matter"


def test_gains_are_of_the_second_over_the_first():
    nets = {"before": planted_net([3.0, 3.1]), "after": planted_net([2.0, 2.0])}
    found = contest_shown.gains(nets, {"x": ("before", "after"), "y": ("before", "missing")})
    assert list(found) == ["x"]
    assert found["x"].mean == pytest.approx(1.05)
