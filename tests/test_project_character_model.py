"""The character model: what it computes, how it goes on, what it writes and what it refuses."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_book.projects import storage
from rnn_book.projects.character_model import cells, corpus, evaluate, generate, train, trainer
from rnn_book.projects.character_model.__main__ import main
from rnn_book.projects.character_model.checkpoint import CHECKPOINT, WEIGHTS, read_weights
from rnn_book.projects.character_model.counted import interpolated
from rnn_book.projects.character_model.masks import Masks
from rnn_book.projects.character_model.processes import Processes
from rnn_book.projects.character_model.progress import Progress
from rnn_book.projects.character_model.scoring import load_model, surprise
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.refusal import Refusal

ROOT = Path(__file__).resolve().parents[1]
SMALL = {"hidden": 12, "embedding": 5, "batch": 4, "steps": 10, "dropout": 0.2, "min_count": 1}
UNIT = "def f(x):\n    # a number\n    return [x, (x + 1) * 2, 'text']\n\n\n"
TEXT = UNIT * 60


@pytest.fixture(scope="module")
def text_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "code.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(out, text_file, updates, *, every=5, parts=1, **asked):
    return train.train(
        out=out,
        text=str(text_file),
        asked={**SMALL, **asked},
        updates=updates,
        every=every,
        device="cpu",
        parts=parts,
        start_from=None,
    )


def learned(out):
    """All that a run must reproduce: every array, and the record but for the time it took."""
    arrays, record = storage.read(out / CHECKPOINT, trainer.KIND)
    record["history"].pop("seconds")
    return arrays, record


def same_bits(first, second):
    (a, ra), (b, rb) = first, second
    assert a.keys() == b.keys()
    assert ra == rb
    for name, values in a.items():
        np.testing.assert_array_equal(values, b[name], err_msg=name)


@pytest.fixture(scope="module")
def straight(tmp_path_factory, text_file):
    """A run of 20 updates without a stop."""
    out = tmp_path_factory.mktemp("straight")
    assert run(out, text_file, 20) == 0
    return out


def test_a_run_in_two_sittings_computes_the_same_bits(tmp_path, text_file, straight):
    # 13 is in the middle of a look, and of a pass over the text.
    assert run(tmp_path, text_file, 13) == 0
    assert run(tmp_path, text_file, 20) == 0
    same_bits(learned(tmp_path), learned(straight))


def test_a_signal_ends_a_run_after_the_update_at_work(tmp_path, text_file, straight, monkeypatch):
    step = trainer.Trainer.step

    def interrupted(self):
        if self.update == 7:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self)

    monkeypatch.setattr(trainer.Trainer, "step", interrupted)
    assert run(tmp_path, text_file, 20) == 130
    assert learned(tmp_path)[1]["update"] == 8
    monkeypatch.undo()
    assert run(tmp_path, text_file, 20) == 0
    same_bits(learned(tmp_path), learned(straight))


def test_a_killed_process_loses_nothing_that_it_cannot_compute_again(tmp_path, text_file, straight):
    command = [sys.executable, "-m", "rnn_book.projects.character_model", "train"]
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    where = [f"--out={tmp_path}", f"--text={text_file}", "--updates=100000", "--every=5"]
    with subprocess.Popen([*command, *options, *where], cwd=ROOT, stderr=subprocess.PIPE) as child:
        deadline = time.monotonic() + 200
        while not (tmp_path / CHECKPOINT).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
    kept = learned(tmp_path)[1]["update"]
    assert kept >= 5
    # As far again, in one piece: the killed run's bits must be those of a run without a stop.
    assert run(tmp_path, text_file, kept + 10) == 0
    other = tmp_path / "other"
    assert run(other, text_file, kept + 10) == 0
    same_bits(learned(tmp_path), learned(other))


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, text_file, straight, monkeypatch, capsys):
    assert run(tmp_path, text_file, 10) == 0
    before = learned(tmp_path)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    code = main(["train", f"--out={tmp_path}", "--updates=20", "--every=5"])
    monkeypatch.undo()
    assert code == 2
    assert "No space left" in capsys.readouterr().err.splitlines()[-1]
    same_bits(learned(tmp_path), before)
    assert not list(tmp_path.glob("*.part"))
    assert run(tmp_path, text_file, 20) == 0
    same_bits(learned(tmp_path), learned(straight))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_parts_of_a_batch_add_up_to_the_whole_also_with_dropout(tmp_path, text_file, kind):
    options = {"kind": kind, "layers": 2, "weight_drop": 0.1, "precision": "float64"}
    for parts in (1, 2):
        run(tmp_path / str(parts), text_file, 6, parts=parts, **options)
    (one, _), (two, _) = learned(tmp_path / "1"), learned(tmp_path / "2")
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=0, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("shape", [(7, 4, 3), (4, 3), (1, 4, 3), (5, 3)])
def test_masks_of_parts_are_columns_of_the_whole_batches(shape):
    def drawn(begin, end):
        root = Masks.seeded(3)
        child = root.spawn(2)[1]
        root.start(1, 5, begin, end, 4)
        share = (*shape[:-2], end - begin, shape[-1]) if shape[-2] == 4 else shape
        return child.random(share, dtype=np.float32)

    whole = drawn(0, 4)
    for begin, end in ((0, 1), (1, 3), (2, 4)):
        wanted = whole[..., begin:end, :] if shape[-2] == 4 else whole
        np.testing.assert_array_equal(drawn(begin, end), wanted)


def test_masks_of_an_update_do_not_depend_on_those_before():
    root = Masks.seeded(3)
    (child,) = root.spawn(1)
    root.start(1, 5, 0, 4, 4)
    first = child.random((2, 4, 3))
    child.random((9, 4, 3))
    root.start(1, 6, 0, 4, 4)
    assert not np.array_equal(child.random((2, 4, 3)), first)
    root.start(1, 5, 0, 4, 4)
    np.testing.assert_array_equal(child.random((2, 4, 3)), first)


def test_a_step_is_one_of_plain_torch(text_file, tmp_path):
    """Without dropout: the same loss and weights as torch.nn, torch.optim and a loop."""
    settings = Settings(**{**SMALL, "dropout": 0.0}, precision="float64", clip=0.5, warmup=3)
    text = corpus.load_text(str(text_file))
    vocabulary = corpus.Vocabulary(text.train)
    numbers = vocabulary.encode(text.train)
    ours = trainer.Trainer(
        settings, vocabulary, numbers, trainer.Run(torch.device("cpu"), Processes())
    )
    lstm = torch.nn.LSTM(5, 12, dtype=torch.float64)
    lstm.load_state_dict(ours.model.recurrent.state_dict())
    embedding, linear = (
        torch.nn.Parameter(w.detach().clone())
        for w in (ours.model.embedding.weight, ours.model.linear.weight)
    )
    bias = torch.nn.Parameter(ours.model.linear.bias.detach().clone())
    parameters = [embedding, *lstm.parameters(), linear, bias]
    adam = torch.optim.Adam(parameters, betas=(0.9, 0.99))
    state = None
    for update in range(4):
        x, y, _ = corpus.pieces(numbers, 4, 10, 1, update)
        output, state = lstm(embedding[torch.from_numpy(x)], state)
        state = tuple(s.detach() for s in state)
        scores = output @ linear.T + bias
        loss = torch.nn.functional.cross_entropy(
            scores.flatten(0, 1), torch.from_numpy(y).flatten()
        )
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 0.5)
        adam.param_groups[0]["lr"] = settings.rate_at(update)
        adam.step()
        assert ours.step() == pytest.approx(loss.item(), abs=1e-12)
    for mine, theirs in zip(ours.model.parameters(), parameters, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-10)


def test_streams_go_on_from_one_piece_to_the_next():
    numbers = np.arange(103)
    seen = []
    for update in range(corpus.pieces_in_a_pass(103, 4, 6)):
        x, y, first = corpus.pieces(numbers, 4, 6, 0, update)
        assert first == (update == 0)
        np.testing.assert_array_equal((x + 1) % 103, y)
        seen.append(x)
    joined = np.concatenate(seen)
    assert set(np.diff(joined, axis=0).ravel() % 103) == {1}


@pytest.fixture(scope="module", params=["LSTM", "GRU"])
def stacked(request, tmp_path_factory, text_file):
    """Weights of a short run with two layers."""
    out = tmp_path_factory.mktemp(request.param)
    assert run(out, text_file, 12, kind=request.param, layers=2) == 0
    return read_weights(out / WEIGHTS)


@pytest.mark.parametrize("temperature, top", [(0.0, None), (0.8, None), (1.3, 5)])
def test_both_backends_write_the_same_text(stacked, temperature, top):
    trained = stacked
    written = {
        name: "".join(
            generate.generate(
                backend(trained), trained, "def ", 200, temperature=temperature, top=top, rng=4
            )
        )
        for name, backend in generate.BACKENDS.items()
    }
    assert written["numpy"] == written["torch"]
    assert len(written["numpy"]) == 200
    assert temperature == 0 or len(set(written["numpy"])) > 2


def test_draws_follow_temperature_and_top():
    scores = np.log([1.0, 0.5, 0.3, 0.2])  # the first is the unknown symbol
    draws = (np.arange(1000) + 0.5) / 1000

    def shares(temperature, top):
        chosen = [generate.choose(scores, temperature, top, draw) for draw in draws]
        return np.bincount(chosen, minlength=4) / 1000

    np.testing.assert_allclose(shares(1.0, None), [0, 0.5, 0.3, 0.2], atol=1e-3)
    squared = np.array([0, 0.25, 0.09, 0.04]) / 0.38
    np.testing.assert_allclose(shares(0.5, None), squared, atol=2e-3)
    np.testing.assert_allclose(shares(1.0, 2), [0, 0.625, 0.375, 0], atol=2e-3)
    np.testing.assert_allclose(shares(0.0, None), [0, 1, 0, 0])


def test_surprise_is_the_cross_entropy_of_each_character(straight):
    trained = read_weights(straight / WEIGHTS)
    model = load_model(trained)
    numbers = trained.vocabulary.encode("return [x]\nré")
    symbols = torch.from_numpy(numbers)[:, None]
    scores, _ = model(symbols[:-1])
    wanted = torch.nn.functional.cross_entropy(scores[:, 0], symbols[1:, 0], reduction="none")
    wanted = wanted.detach().numpy() / np.log(2)
    wanted[-1] += np.log2(0x110000)  # nobody knows é
    np.testing.assert_allclose(surprise(model, numbers, 1, steps=4), wanted, rtol=1e-5)


def slow_interpolated(train_text, context, symbol, size, weights):
    """An interpolated n-gram by its definition; `weights[n][bucket]`."""
    chance = 1 / size
    for n, row in enumerate(weights, start=1):
        if len(context) < n - 1:
            break
        before = tuple(context[len(context) - n + 1 :])
        following = [
            train_text[i + n - 1]
            for i in range(len(train_text) - n + 1)
            if tuple(train_text[i : i + n - 1]) == before
        ]
        if following:
            weight = row[1 + int(np.log2(len(following)))]
            chance = weight * following.count(symbol) / len(following) + (1 - weight) * chance
    return chance


def test_interpolated_ngrams_are_what_their_definition_says(monkeypatch):
    from rnn_book.projects.character_model import counted

    rng = np.random.default_rng(0)
    parts = [rng.choice(4, size=n, p=[0.5, 0.3, 0.15, 0.05]).tolist() for n in (80, 30, 30)]
    fits, fit = [], counted._fit
    monkeypatch.setattr(counted, "_fit", lambda *args: fits.append(fit(*args)) or fits[-1])
    found = interpolated(*parts, size=5, order=4)
    for grams in found:
        for text, chances in zip(parts[1:], (grams.validation, grams.test), strict=True):
            wanted = [
                slow_interpolated(parts[0], text[:t], text[t], 5, fits[: grams.order])
                for t in range(len(text))
            ]
            np.testing.assert_allclose(chances, wanted, rtol=1e-12)


def test_the_weights_of_ngrams_are_the_best_on_validation_text():
    rng = np.random.default_rng(1)
    from rnn_book.projects.character_model import counted

    higher, lower = rng.random(500), rng.random(500)
    (_, weight) = counted._fit(higher, lower, np.ones(500, int), 2)
    grid = np.linspace(0.001, 0.999, 999)
    scores = [np.log(w * higher + (1 - w) * lower).sum() for w in grid]
    assert weight == pytest.approx(grid[int(np.argmax(scores))], abs=0.01)


def test_the_interval_is_that_of_a_mean_of_blocks():
    bits = np.repeat([1.0, 2.0, 4.0], 100)
    mean, half = evaluate.interval(bits, block=100)
    assert mean == pytest.approx(7 / 3)
    assert half == pytest.approx(1.96 * np.std([1, 2, 4], ddof=1) / np.sqrt(3))


def test_areas_under_the_curve_are_those_of_pairs():
    rng = np.random.default_rng(0)
    values, labels = rng.integers(0, 5, 40).astype(float), rng.random(40) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in values[labels] for b in values[~labels]]
    assert cells.auc(values, labels) == pytest.approx(np.mean(pairs))
    table = rng.standard_normal((40, 3))
    for unit, area in enumerate(cells.areas(table, [labels])[0]):
        assert area == pytest.approx(cells.auc(table[:, unit], labels))


def test_features_are_those_that_the_tokenizer_sees():
    source = "x = [1, '(']  # (no\n"
    found = cells.features(source)
    brackets = "".join("^" if inside else " " for inside in found["inside brackets"])
    assert brackets == "    ^^^^^^^         "
    assert "".join(np.array(list(source))[found["inside a string"]]) == "'('"
    assert "".join(np.array(list(source))[found["inside a comment"]]) == "# (no"


def test_look_writes_the_whole_text_and_both_searches(tmp_path, straight):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text(UNIT * 9, encoding="utf-8")
    second.write_text(UNIT.replace("a number", "<b> & more"), encoding="utf-8")
    page = tmp_path / "page.html"
    code = main(
        [
            "look",
            f"--weights={straight / WEIGHTS}",
            f"--to={page}",
            f"--chosen-on={first}",
            f"--scored-on={second}",
        ]
    )
    assert code == 2  # < and & are not in the vocabulary: nothing is written
    assert not page.exists()
    second.write_text(UNIT * 4, encoding="utf-8")
    arguments = [f"--weights={straight / WEIGHTS}", f"--to={page}"]
    assert main(["look", *arguments, f"--chosen-on={first}", f"--scored-on={second}"]) == 0
    content = page.read_text(encoding="utf-8")
    assert content.count("inside brackets") == 2  # in the table, and above a text
    assert "untrained" in content
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        inside, texts = False, []

        def handle_starttag(self, tag, attributes):
            if tag == "pre":
                self.inside = True
                self.texts.append("")

        def handle_endtag(self, tag):
            self.inside = self.inside and tag != "pre"

        def handle_data(self, data):
            if self.inside:
                self.texts[-1] += data

    reader = Reader()
    reader.feed(content)
    assert reader.texts == [second.read_text(encoding="utf-8")] * 4


def test_the_bar_tells_loss_bits_speed_and_the_time_left():
    line = Progress(1000, done=200).line
    bar = Progress(1000, done=200)
    bar.done = 600
    assert line is not None
    told = bar.line(2.0, np.log(2))
    assert "60%" in told
    assert "1.000 bits/char" in told
    assert "200 chars/s" in told
    assert "0:00:02 left" in told


def test_the_sample_command_streams_the_prompt_and_what_follows(straight, capsys):
    arguments = [f"--weights={straight / WEIGHTS}", "--prompt=def f", "--characters=30", "--seed=1"]
    assert main(["sample", *arguments]) == 0
    first = capsys.readouterr().out
    assert first.startswith("def f")
    assert len(first) == len("def f") + 30 + 1
    assert main(["sample", *arguments, "--backend=numpy"]) == 0
    assert capsys.readouterr().out == first


def test_evaluate_stores_what_it_prints(tmp_path, straight, text_file, capsys):
    to = tmp_path / "result.json"
    assert main(["evaluate", f"--weights={straight / WEIGHTS}", f"--to={to}", "--baselines"]) == 0
    found = json.loads(to.read_text(encoding="utf-8"))
    printed = capsys.readouterr().out
    assert f"{found['model']['bits']:.3f}" in printed
    assert f"{found['best_ngram']['bits']:.3f}" in printed
    numbers = corpus.load_text(str(text_file)).test
    assert found["characters"] == len(numbers)
    gain = found["best_ngram"]["bits"] - found["model"]["bits"]
    assert found["gain_over_ngram"]["bits"] == pytest.approx(gain)


@pytest.fixture
def broken(tmp_path, straight, text_file):
    """Files that are wrong in one way each, beside a good run."""
    good = (straight / WEIGHTS).read_bytes()
    (tmp_path / "short.safetensors").write_bytes(good[: len(good) // 2])
    (tmp_path / "words.txt").write_text("no tensors", encoding="utf-8")
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(3)}, tmp_path / "foreign.safetensors")
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "tiny.txt").write_text("too short", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    arrays, record = storage.read(straight / WEIGHTS, "character_model")
    arrays["linear.bias"] = arrays["linear.bias"][:-1]
    storage.write(tmp_path / "shapes.safetensors", "character_model", arrays, record)
    return tmp_path


LOOK = ("look", "--weights={s}/weights.safetensors", "--to={b}/new")
REFUSED = {
    "no weights": (["sample", "--weights={b}/none.safetensors"], "there is no file"),
    "half of them": (["sample", "--weights={b}/short.safetensors"], "no whole safetensors file"),
    "a text": (["sample", "--weights={b}/words.txt"], "no whole safetensors file"),
    "foreign": (["sample", "--weights={b}/foreign.safetensors"], "no character_model"),
    "other shapes": (["sample", "--weights={b}/shapes.safetensors"], "linear.bias of shape"),
    "a checkpoint": (["sample", "--weights={s}/checkpoint.safetensors"], "no character_model"),
    "no prompt": (["sample", "--weights={s}/weights.safetensors", "--prompt="], "prompt is empty"),
    "unknown": (["sample", "--weights={s}/weights.safetensors", "--prompt=ré"], "'é' .character 2"),
    "cold": (["sample", "--weights={s}/weights.safetensors", "--temperature=-1"], "--temperature"),
    "none": (["sample", "--weights={s}/weights.safetensors", "--top=0"], "--top must be"),
    "unknown text": (
        ["evaluate", "--weights={s}/weights.safetensors", "--text={b}/words2.txt"],
        "there is no file",
    ),
    "another configuration": (["train", "--out={s}", "--hidden=13"], "--hidden 12, not 13"),
    "another text": (["train", "--out={s}", "--text=reference"], "another text"),
    "empty": (["train", "--out={b}/new", "--text={b}/empty.txt"], "is empty"),
    "shorter than a window": (
        ["train", "--out={b}/new", "--text={b}/tiny.txt"],
        "9 characters|8 ch",
    ),
    "not UTF-8": (["train", "--out={b}/new", "--text={b}/latin.txt"], "no UTF-8"),
    "a size of 0": (["train", "--out={b}/new", "--text={t}", "--hidden=0"], "--hidden must be"),
    "a device": (["train", "--out={b}/new", "--text={t}", "--device=toaster"], "--device"),
    "parts": (["train", "--out={b}/new", "--text={t}", "--parts=5"], "--parts must divide"),
    "a unit": (
        [
            "look",
            "--weights={s}/weights.safetensors",
            "--unit=l0.c.99",
            "--to={b}/new",
            "--chosen-on={t}",
            "--scored-on={t}",
        ],
        "no unit l0.c.99",
    ),
    "no Python": (
        [
            "look",
            "--weights={s}/weights.safetensors",
            "--to={b}/new",
            "--chosen-on={b}/paren.txt",
            "--scored-on={t}",
        ],
        "needs Python source",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_gives_one_clear_line_and_changes_nothing(
    case, broken, straight, text_file, capsys
):
    import re

    (broken / "paren.txt").write_text("f(\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in straight.iterdir()}
    arguments, words = REFUSED[case]
    code = main([a.format(b=broken, s=straight, t=text_file) for a in arguments])
    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("error: ")
    assert re.search(words, line), line
    assert {path: path.read_bytes() for path in straight.iterdir()} == before
    assert not (broken / "new").exists()


def test_settings_refuse_what_makes_no_sense():
    for bad in ({"rate": 0.0}, {"dropout": 1.0}, {"average": 1.0}, {"kind": "RNN"}, {"seed": -1}):
        (name,) = bad
        with pytest.raises(Refusal, match=name):
            Settings(**bad)


def test_sampling_in_numpy_needs_no_torch(straight):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from rnn_book.projects.character_model.__main__ import main\n"
        f"sys.exit(main(['sample', '--weights={straight / WEIGHTS}', '--prompt=def', "
        "'--characters=5', '--backend=numpy']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("def")
