"""Several processes compute what one does, and a lost one ends the run without harm."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_book.projects import storage
from rnn_book.projects.character_model import train, trainer
from rnn_book.projects.character_model.checkpoint import CHECKPOINT
from rnn_book.projects.character_model.processes import Processes
from rnn_book.projects.refusal import Refusal

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = {
    "hidden": 12,
    "layers": 2,
    "embedding": 5,
    "batch": 4,
    "steps": 10,
    "dropout": 0.3,
    "recurrent_dropout": 0.2,
    "weight_drop": 0.1,
    "precision": "float64",
    "min_count": 1,
}
TEXT = "while True:\n    seen.add(next(items))\n\n" * 80


def alone(out, text, updates):
    code = train.train(
        out=out,
        text=str(text),
        asked=SETTINGS,
        updates=updates,
        every=5,
        device="cpu",
        parts=1,
        start_from=None,
    )
    assert code == 0
    return storage.read(out / CHECKPOINT, trainer.KIND)


def of_rank(rank, parent):
    """The process that torchrun started with this rank."""
    for folder in Path("/proc").iterdir():
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            status = (folder / "stat").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if f"RANK={rank}".encode() in environment and f" {parent} " in status:
            return int(folder.name)
    raise AssertionError(f"no process of rank {rank}")


def until(holds, seconds=200):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holds()


def end(child):
    """End torchrun by the signal on which it takes its processes along: killed, it leaves them."""
    child.terminate()
    try:
        child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds its processes in /proc")
def test_two_processes_are_one_and_a_killed_rank_does_no_harm(tmp_path):
    text, out = tmp_path / "text.py", tmp_path / "two"
    text.write_text(TEXT, encoding="utf-8")
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr=127.0.0.1"),
        *("--nproc-per-node=2", "-m", "rnn_book.projects.character_model", "train"),
        *options,
        *(f"--out={out}", f"--text={text}", "--updates=1000000", "--every=5"),
    ]
    log = tmp_path / "log"
    with log.open("w") as file:
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=file, stderr=file, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        try:
            until(lambda: (out / CHECKPOINT).exists() or child.poll() is not None)
            assert child.poll() is None, log.read_text()
            early = shutil.copytree(out, tmp_path / "early")
            os.kill(of_rank(1, child.pid), signal.SIGKILL)
            child.wait(120)
        finally:
            end(child)
    assert child.returncode != 0
    told = [line for line in log.read_text().splitlines() if line.startswith("error: ")]
    assert any("another process of this run ended" in line for line in told), log.read_text()

    # Two processes had come this far; alone it is the same, with all three kinds of dropout.
    both, record = storage.read(early / CHECKPOINT, trainer.KIND)
    one, same = alone(tmp_path / "one", text, record["update"])
    assert both.keys() == one.keys()
    for name, values in one.items():
        np.testing.assert_allclose(both[name], values, rtol=0, atol=1e-10, err_msg=name)
    for mine, theirs in zip(record["history"]["looks"], same["history"]["looks"], strict=True):
        assert mine == pytest.approx(theirs, abs=1e-9)

    # What the killed run had kept is whole, and one process goes on from it.
    _, kept = trainer.Trainer.peek(out / CHECKPOINT)
    _, went_on = alone(out, text, kept["update"] + 1)
    assert went_on["update"] == kept["update"] + 1


def test_a_batch_must_divide_among_the_processes():
    with pytest.raises(Refusal, match="multiple of the 3 processes"):
        Processes(1, 3).columns(4)
    assert [Processes(rank, 3).columns(6) for rank in range(3)] == [(0, 2), (2, 4), (4, 6)]


def test_mixed_precision_comes_close_to_full(tmp_path):
    text = tmp_path / "text.py"
    text.write_text(TEXT, encoding="utf-8")
    losses = {}
    for precision in ("float32", "bfloat16"):
        settings = {**SETTINGS, "precision": precision, "recurrent_dropout": 0.0}
        out = tmp_path / precision
        code = train.train(
            out=out,
            text=str(text),
            asked=settings,
            updates=5,
            every=5,
            device="cpu",
            parts=1,
            start_from=None,
        )
        assert code == 0
        arrays, record = storage.read(out / CHECKPOINT, trainer.KIND)
        losses[precision] = record["history"]["looks"][0]["train"]
        assert arrays["model.linear.weight"].dtype == np.float32
    assert losses["bfloat16"] == pytest.approx(losses["float32"], abs=0.02)
    assert losses["bfloat16"] != losses["float32"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_gpu_computes_what_the_cpu_does(tmp_path, precision):
    text = tmp_path / "text.py"
    text.write_text(TEXT, encoding="utf-8")
    found = {}
    for device in ("cpu", "cuda"):
        train.train(
            out=tmp_path / device,
            text=str(text),
            asked={**SETTINGS, "precision": precision, "recurrent_dropout": 0.0},
            updates=5,
            every=5,
            device=device,
            parts=1,
            start_from=None,
        )
        _, record = storage.read(tmp_path / device / CHECKPOINT, trainer.KIND)
        found[device] = record["history"]["looks"][0]["train"]
    assert found["cuda"] == pytest.approx(
        found["cpu"], abs=1e-4 if precision == "float32" else 0.05
    )
