"""The benchmarks: how they measure, and that page and figure say what the stored numbers say."""

import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import rnn_book.numpy as numpy_half
from tools.bench import __main__ as command
from tools.bench import alone, growth, measure, peers, products, report, results, rows, timing
from tools.diagrams.benchmarks import draw_benchmarks

ROOT = Path(__file__).resolve().parents[1]
STORED = results.load()
ROWS = [row for group in STORED["groups"].values() for row in group["rows"]]


class Clock:
    """A clock that contenders move on."""

    def __init__(self):
        self.now, self.log = 0.0, []

    def contender(self, name, seconds):
        spent = iter(seconds)

        def run():
            self.log.append(name)
            self.now += next(spent)

        return run

    def __call__(self):
        return self.now


def test_a_measurement_starts_again_where_it_would_have_more_threads(monkeypatch):
    for name in (*alone.THREADS, *alone.KERNELS):
        monkeypatch.setenv(name, "1")
    started = []
    run = SimpleNamespace(returncode=3)
    monkeypatch.setattr(
        alone.subprocess, "run", lambda command, env, check: started.append((command, env)) or run
    )
    monkeypatch.setattr(alone.sys, "argv", ["bench", "--quick"])
    assert alone.one_thread("tools.bench") == 3
    ((command, environment),) = started
    assert command[1:] == ["-m", "tools.bench", "--quick"]
    assert not environment.keys() & set(alone.KERNELS)
    for name in alone.KERNELS:
        monkeypatch.delenv(name)
    assert alone.one_thread("tools.bench") is None
    monkeypatch.setenv(alone.THREADS[0], "2")
    assert alone.one_thread("tools.bench") == 3
    assert started[1][1][alone.THREADS[0]] == "1"


def test_contenders_take_turns_and_the_first_run_does_not_count():
    clock = Clock()
    contenders = {
        "a": clock.contender("a", [100, 1, 3, 2]),
        "b": clock.contender("b", [100, 10, 30, 1000]),
    }
    found = timing.alternate(contenders, budget=0, clock=clock, rounds=3)
    assert clock.log == ["a", "b"] * 4
    assert found["a"] == {"median": 2, "low": 1.5, "high": 2.5, "rounds": 3}
    assert found["b"]["median"] == 30


def test_rounds_go_on_until_the_budget_is_spent():
    clock = Clock()
    contenders = {"a": clock.contender("a", [1] * 100), "b": clock.contender("b", [1] * 100)}
    found = timing.alternate(contenders, budget=20, clock=clock, rounds=2)
    assert found["a"]["rounds"] == found["b"]["rounds"] == 10


def test_peak_memory_counts_what_is_held_at_once():
    def run():
        for _ in range(3):
            np.ones(10_000)
        first, second = np.ones(50_000), np.ones(50_000)
        return first + second

    assert timing.peak_bytes(run) == pytest.approx(3 * 50_000 * 8, rel=0.05)


def test_ratio_is_that_of_medians():
    for row in (row for row in ROWS if "skipped" not in row):
        assert row["ratio"] == round(row["ours"]["median"] / row["theirs"]["median"], 3)
        for side in (row["ours"], row["theirs"]):
            assert 0 < side["low"] <= side["median"] <= side["high"]
            assert side["rounds"] >= 5


def test_stored_results_cover_every_race():
    assert list(STORED["groups"]) == list(rows.GROUPS)
    for name, (title, races) in rows.GROUPS.items():
        assert STORED["groups"][name]["title"] == title
        measured = [(row["name"], row["size"]) for row in STORED["groups"][name]["rows"]]
        assert measured == [(one, race.size) for race in races() for one in race.contenders]


def test_a_race_is_run_by_turns_and_says_who_is_missing(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(measure, "CLOCK", clock)
    ran = {name: clock.contender(name, [9, 2, 2]) for name in ("a", "b")}
    race = rows.Race("(1)", clock.contender("base", [9, 4, 4]), {**ran, "c": "not installed"})
    first, second, third = measure._run(race, budget=0, rounds=2)
    assert clock.log == ["base", "a", "b"] * 3
    assert (first["name"], first["size"], first["ratio"]) == ("a", "(1)", 0.5)
    assert second["theirs"]["median"] == 4
    assert third == {"name": "c", "size": "(1)", "skipped": "not installed"}


def test_provenance_says_where_and_how():
    where = STORED["provenance"]
    assert set(where) == {
        *("date", "python", "processor", "versions", "blas", "threads", "gpu"),
        *("load_at_start", "seconds"),
    }
    assert where["threads"] == 1
    assert where["versions"]["torch"]
    assert where["processor"]
    assert len(where["blas"]) == 1
    assert measure._machine()["blas"]


def test_memory_is_what_the_page_says():
    """Counted, not timed, so it can be done here: `python -m tools.bench --count` stores it."""
    assert growth.arrays() == pytest.approx(STORED["memory"]["arrays"], rel=0.02)
    stored = {row["steps"]: row["bytes_a_step"] for row in STORED["growth"]}
    (found,) = growth.growth(0, Clock(), (100,))
    assert found["bytes_a_step"] == pytest.approx(stored[100], rel=0.02)


def test_a_new_count_keeps_the_times(monkeypatch):
    monkeypatch.setattr(growth, "peak_bytes", lambda run: 4_096_000)
    found = growth.counted(STORED)
    assert found["memory"] == STORED["memory"] | {"arrays": {"plain": 1, "checkpoint": 1}}
    assert found["growth"][0] == STORED["growth"][0] | {"bytes_a_step": 40_960}
    assert found["groups"] == STORED["groups"]


def test_time_and_memory_per_step_do_not_rise():
    grown = STORED["growth"]
    assert [row["steps"] for row in grown] == list(measure.LENGTHS)
    for key, most in (("microseconds_a_step", 1.3), ("bytes_a_step", 1.05)):
        for before, after in itertools.pairwise(row[key] for row in grown):
            assert after < most * before, key


def test_memory_of_twice_the_steps_is_twice_the_memory():
    first, second = (growth.growth(0, Clock(), (steps,))[0]["bytes_a_step"] for steps in (200, 400))
    assert second < 1.1 * first


def test_page_and_figure_are_made_from_the_results():
    page = (ROOT / "docs/about/benchmarks.md").read_text(encoding="utf-8")
    assert page == report.page(STORED)
    figure = (ROOT / "images/about/benchmarks.svg").read_text(encoding="utf-8")
    assert figure == draw_benchmarks(STORED).render()
    for row in (row for row in ROWS if "skipped" not in row):
        size = row["size"].replace(" ", "\N{NO-BREAK SPACE}")
        assert f"| {row['name']} | {size} | {row['ratio']:.2f} |" in page


def test_the_page_opens_with_the_numbers_that_matter():
    changed = json.loads(json.dumps(STORED))
    for row in changed["groups"]["numpy"]["rows"]:
        row["ratio"] = {"LSTM forward + backward": 7.5, "LSTM, matrix products alone": 6.25}.get(
            row["name"], row["ratio"]
        )
    opening = report.page(changed).partition("## ")[0]
    assert "takes 7.50 times as long as one of `torch.nn.LSTM`" in opening
    assert "would take 6.25." in opening
    assert STORED["provenance"]["processor"] in opening
    assert STORED["provenance"]["blas"][0] in opening
    assert opening.count("![") == 1
    assert not re.search(r"\btargets?\b|\bmissed\b|\bmet\b", report.page(STORED))


def test_a_contender_that_is_missing_is_said_to_be():
    without = json.loads(json.dumps(STORED))
    group = without["groups"]["peers"]["rows"]
    group[0] = {"name": group[0]["name"], "size": group[0]["size"], "skipped": "not installed"}
    assert re.search(r"\| not installed \|$", report.page(without), re.MULTILINE)


def test_results_are_stored_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    results.store(STORED)
    assert results.load() == STORED
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize("text", [None, "", '{"groups": {', "[]", "{}"])
def test_damaged_results_say_what_to_do(text, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.json")
    if text is not None:
        results.RESULTS.write_text(text)
    monkeypatch.setattr(command.sys, "argv", ["bench", "--report"])
    monkeypatch.setattr(command, "one_thread", lambda module: None)
    assert command.main() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Error: {results.RESULTS} is missing or damaged")
    assert said.count("\n") == 1


@pytest.mark.parametrize("gates", [1, 3, 4])
def test_the_products_alone_are_those_of_a_layer(gates, monkeypatch):
    """Counted in multiplications: a bias is one more column, which has no gradient of an input."""
    steps, batch, inputs, hidden = 5, 2, 3, 4
    done = []
    matmul = np.matmul

    def counted(a, b, out=None):
        result = matmul(a, b, out=out)
        done.append(result.size * a.shape[-1])
        return result

    monkeypatch.setattr(products.np, "matmul", counted)
    products.products(gates, np.ones((steps, batch, inputs)), np.ones((steps, batch, hidden)))()
    assert sum(done) == steps * batch * gates * hidden * (3 * inputs + 2 + 3 * hidden)
    assert len(done) == 2 * steps + 4


def test_the_naive_peer_computes_what_the_layer_does():
    """A peer that did less work would make a poor comparison."""
    rng = np.random.default_rng(3)
    layer = numpy_half.LSTM(3, 4, rng=0, dtype=np.float64)
    x, d_output = rng.standard_normal((5, 2, 3)), rng.standard_normal((5, 2, 4))
    layer(x)
    d_x, _ = layer.backward(d_output)
    d_w_ih, d_w_hh, d_b, d_x_naive = peers.naive_numpy(layer, x, d_output)()
    assert np.allclose(d_x_naive, d_x, atol=1e-12)
    for name, gradient in (("weight_ih", d_w_ih), ("weight_hh", d_w_hh), ("bias_hh", d_b)):
        assert np.allclose(gradient, layer.grads[f"{name}_l0"], atol=1e-12)
