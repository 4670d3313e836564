"""Until its runs are in, a claim shows what a former experiment found, and says so."""

import pytest
from matplotlib.figure import Figure

from rnn_book.experiments import former
from rnn_book.experiments.seeds_shown import nothing_yet, table_of

EMPTY = table_of(["a"], [])
TABLE = "| a |\n|---|\n| 1 |"


@pytest.fixture
def pilots(tmp_path, monkeypatch):
    (tmp_path / "claim.md").write_text(
        f"<!-- --8<-- [start:table] -->\n{TABLE}\n<!-- --8<-- [end:table] -->\n"
    )
    (tmp_path / "claim.svg").write_text("<svg/>")
    monkeypatch.setattr(former, "PILOTS", tmp_path)


def plot(*, empty, full):
    figure = Figure()
    panels = figure.subplots(1, empty + full, squeeze=False)[0]
    for axes in panels[:empty]:
        nothing_yet(axes)
    return figure


@pytest.mark.usefixtures("pilots")
def test_a_table_without_runs_is_the_former_one():
    shown = former.former_sections("claim", {"table": EMPTY, "gains": EMPTY})
    assert shown == {"table": TABLE, "gains": EMPTY}


@pytest.mark.usefixtures("pilots")
def test_a_table_with_runs_is_its_own():
    assert former.former_sections("claim", {"table": "| b |"}) == {"table": "| b |"}
    assert former.former_sections("other", {"table": EMPTY}) == {"table": EMPTY}


@pytest.mark.usefixtures("pilots")
@pytest.mark.parametrize(
    "empty, full, expected", [(1, 0, "<svg/>"), (2, 0, "<svg/>"), (1, 1, None), (0, 1, None)]
)
def test_a_plot_is_the_former_one_only_while_all_of_it_is_empty(empty, full, expected):
    assert former.former_figure("claim.svg", plot(empty=empty, full=full)) == expected
    assert former.former_figure("other.svg", plot(empty=empty, full=full)) is None


@pytest.mark.usefixtures("pilots")
def test_the_verdict_says_that_former_results_are_shown_until_all_runs_are_in():
    assert "decide nothing" in " ".join(former.former_note("claim", complete=False))
    assert former.former_note("claim", complete=True) == []
    assert former.former_note("other", complete=False) == []
