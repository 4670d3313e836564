"""What the chapters of the projects show is made from stored results, and the model is shipped."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnn_book.projects import chapters, collect, scaling
from rnn_book.projects.chapters.character_model import _beside
from rnn_book.projects.character_model.__main__ import SHIPPED, main
from rnn_book.projects.character_model.checkpoint import read_weights, shapes
from rnn_book.projects.character_model.generate import BACKENDS, generate
from rnn_book.projects.character_model.model import CharacterModel
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.refusal import Refusal
from tests import markdown

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def made():
    return chapters.files()


@pytest.mark.book
def test_tables_and_figures_are_those_of_the_stored_results(made):
    for path, text in made.items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, (
            f"python -m rnn_book.projects: {path}"
        )
    for folder in (chapters.TEXTS, chapters.IMAGES):
        for file in (ROOT / folder).iterdir():
            assert file.relative_to(ROOT).as_posix() in made, f"{file} is made from no result"


@pytest.mark.book
def test_pages_show_every_figure_and_table(made):
    text = "".join(page.read_text(encoding="utf-8") for page in markdown.pages(ROOT))
    for path in made:
        if "character-model-sample-" in path:
            continue  # more are kept than the page has room for
        name = path.removeprefix("docs/snippets/")
        assert name in text, name


def test_a_changed_number_changes_what_is_shown():
    stored = chapters.load("temperature")
    texts, _ = chapters.MADE["temperature"](stored)
    stored["scores"]["ridge"]["error"] += 1
    changed, _ = chapters.MADE["temperature"](stored)
    assert changed["scores"] != texts["scores"]
    assert changed["verdict"] != texts["verdict"]


def record(folder, **changed):
    """What a run keeps of itself."""
    settings = vars(Settings(hidden=384, layers=2)) | changed
    return {
        "settings": settings,
        "symbols": 97,
        "text": {"name": "source"},
        "updates": 2,
        "characters": 20,
        "seconds": 1.0,
        "looks": [{"update": 1, "characters": 10, "validation": 3.0 + 0.125 * (folder != "mine")}],
    }


@pytest.mark.parametrize(
    "changed, complaint",
    [
        ({"hidden": 400}, "differs in kind"),
        ({"kind": "GRU"}, "are not as many"),
        ({"kind": "GRU", "hidden": 444, "rate": 0.1}, "differs in kind"),
    ],
)
def test_a_rival_is_another_kind_of_the_same_size(tmp_path, changed, complaint):
    (tmp_path / "record.json").write_text(json.dumps(record("theirs", **changed)))
    with pytest.raises(Refusal, match=complaint):
        collect._rival(record("mine"), tmp_path)


def test_two_kinds_are_compared_where_both_were_looked_at(tmp_path):
    mine, theirs = record("mine"), record("theirs", kind="GRU", hidden=444)
    mine["looks"] += [{"update": 2, "characters": 20, "validation": 1.0}]
    (tmp_path / "record.json").write_text(json.dumps(theirs))
    rival = collect._rival(mine, tmp_path)
    assert abs(rival["parameters"][1] / rival["parameters"][0] - 1) < 0.01
    said = _beside(mine, rival)
    assert "needs 3.12 bits" in said
    assert "LSTM 3.00" in said


def test_the_shipped_model_writes_the_same_in_both_backends():
    assert SHIPPED.stat().st_size <= 4_000_000
    trained = read_weights(SHIPPED)
    both = {
        "".join(generate(make(trained), trained, "import ", 60, temperature=0.7, rng=3))
        for make in BACKENDS.values()
    }
    assert len(both) == 1
    assert "rnn_book" not in SHIPPED.relative_to(ROOT).parts  # not in the wheel


def test_what_is_said_of_the_shipped_model_is_true():
    """Its score on extracts of the test text is near the stored one."""
    from rnn_book.projects.character_model.corpus import load_text
    from rnn_book.projects.character_model.scoring import extract, load_model, mean_bits

    trained, stored = read_weights(SHIPPED), chapters.load("character_model")
    assert trained.record["updates"] == stored["evaluation"]["trained"]["updates"]
    piece = extract(load_text("source").test, 40_000)
    bits = mean_bits(load_model(trained), trained.vocabulary.encode(piece), 20)
    assert bits == pytest.approx(stored["evaluation"]["model"]["bits"], abs=0.1)


def test_sampling_from_the_shipped_model_needs_no_arguments(capsys):
    assert main(["sample", "--characters=20", "--seed=0"]) == 0
    assert capsys.readouterr().out.startswith("def ")


@pytest.mark.parametrize("processes", [2, 3, 8])
def test_bytes_of_a_ring_are_those_of_its_steps(processes):
    """R - 1 steps add up and R - 1 hand round, each of one of R chunks."""
    count = 24
    chunk = count // processes * scaling.FLOAT
    steps = 2 * (processes - 1)
    assert scaling.bytes_moved(count, processes) == pytest.approx(steps * chunk)


def test_the_estimate_ends_at_the_networks_limit():
    fast = scaling.estimate(1.0, 1000, 4, 1e15)
    assert fast == pytest.approx(4.0)
    slow = [scaling.estimate(0.2, 10**6, r, 125e6) for r in (2, 8, 10**6)]
    assert slow == sorted(slow)
    assert slow[-1] == pytest.approx(0.2 / (8e6 / 125e6), rel=1e-3)


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_shapes_are_those_of_the_model(kind):
    settings = Settings(kind=kind, hidden=6, layers=2, embedding=3)
    model = CharacterModel(9, settings, rng=0)
    found = {name: tuple(p.shape) for name, p in model.named_parameters()}
    assert found == shapes(9, settings)
    if kind == "LSTM":
        total = sum(int(np.prod(shape)) for shape in shapes(100, Settings(hidden=384)).values())
        assert scaling.parameters(384) == total
