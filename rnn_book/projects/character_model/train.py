"""The command ``train``: from settings or a checkpoint to weights, with looks on the way."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from rnn_book.datasets import Vocabulary
from rnn_book.experiments.provenance import machine, versions
from rnn_book.projects.character_model.checkpoint import (
    CHECKPOINT,
    WEIGHTS,
    Trained,
    read_weights,
    vocabulary_of,
    write_weights,
)
from rnn_book.projects.character_model.corpus import Text, load_text, pieces_in_a_pass
from rnn_book.projects.character_model.generate import BACKENDS, generate
from rnn_book.projects.character_model.processes import joined
from rnn_book.projects.character_model.progress import Progress
from rnn_book.projects.character_model.scoring import extract, load_model, mean_bits
from rnn_book.projects.character_model.settings import Settings
from rnn_book.projects.character_model.trainer import Run, Trainer, bits_per_character
from rnn_book.projects.refusal import INTERRUPTED, Refusal
from rnn_book.records import write_whole

__all__ = ["train"]

RECORD = "record.json"
WATCHED = 40_000  # characters of validation text that are scored at each look
STREAMS = 20
SAMPLE = 600  # characters
PROMPT, TEMPERATURE = "\n", 0.8
SAMPLED = {round(10 ** (k / 2)) for k in range(2, 13)}  # updates: 10, 32, 100, 316, ... a million


def train(
    *,
    out: Path,
    text: str | None,
    asked: Mapping[str, Any],
    updates: int,
    every: int,
    device: str,
    parts: int,
    start_from: Path | None,
) -> int:
    """Train until a number of updates is reached, from a checkpoint if there is one.

    Parameters
    ----------
    out
        Folder for checkpoint, weights and record.
    text
        As `load_text` takes it; None for the checkpoint's, or else the standard library's source.
    asked
        Settings that were asked for by name.
    updates
        Where to stop, counted from the first sitting on.
    every
        Updates from one look and checkpoint to the next.
    device
        As torch names it.
    parts
        Parts of the batch that go through the model one after the other, to save memory.
    start_from
        Weights to begin with, where there is no checkpoint.

    Returns
    -------
    int
        Exit code.
    """
    for name, value in {"updates": updates, "every": every, "parts": parts}.items():
        if value < 1:
            raise Refusal(f"--{name} must be at least 1, got {value}")
    chosen = _device(device)
    with joined(chosen) as processes:
        trainer, corpus = _prepare(out, text, asked, Run(chosen, processes, parts), start_from)
        return _loop(trainer, corpus, out, updates, every)


def _prepare(
    out: Path, text: str | None, asked: Mapping[str, Any], run: Run, start_from: Path | None
) -> tuple[Trainer, Text]:
    path = out / CHECKPOINT
    if path.exists():
        arrays, record = Trainer.peek(path)
        settings = Settings.from_record(record["settings"]).agreeing(asked)
        corpus = load_text(text or record["text"]["source"])
        if corpus.record["sha256"] != record["text"]["sha256"]:
            raise Refusal(
                f"{path} was trained on another text than {text or record['text']['source']}: "
                "choose another --out"
            )
        vocabulary = vocabulary_of(record["symbols"])
        trainer = Trainer(settings, vocabulary, vocabulary.encode(corpus.train), run)
        trainer.resume(arrays, record)
        return trainer, corpus
    corpus = load_text(text or "source")
    if start_from is None:
        settings = Settings(**asked)
        vocabulary = Vocabulary(corpus.train, min_count=settings.min_count)
        earlier: dict[str, Any] = {}
    else:
        trained = read_weights(start_from)
        settings, vocabulary = trained.settings.agreeing(asked), trained.vocabulary
        earlier = trained.record
    pieces_in_a_pass(len(corpus.train), settings.batch, settings.steps)
    trainer = Trainer(settings, vocabulary, vocabulary.encode(corpus.train), run)
    if start_from is not None:
        trainer.start_from(trained.weights)
    trainer.history = {
        "text": {**corpus.record, "source": text or "source"},
        "began_with": earlier or None,
        "losses": [],
        "looks": [],
        "samples": [],
        "seconds": 0.0,
    }
    return trainer, corpus


class _Signals:
    """Remembers a signal, so that the update at work is finished and kept."""

    def __init__(self) -> None:
        self.caught: int | None = None

    def __enter__(self) -> _Signals:
        self.before = {s: signal.signal(s, self._catch) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _catch(self, number: int, frame: object) -> None:
        if self.caught is not None and number == signal.SIGINT:
            raise KeyboardInterrupt  # asked twice
        self.caught = number


def _loop(trainer: Trainer, corpus: Text, out: Path, updates: int, every: int) -> int:
    processes, history = trainer.run.processes, trainer.history
    each = trainer.settings.batch * trainer.settings.steps
    bar = Progress(updates * each, trainer.characters) if processes.first else None
    if bar and trainer.update:
        bar.note(f"going on from update {trainer.update:,}")
    if trainer.update == 0:
        _sample(trainer)
    spent = time.process_time()
    with _Signals() as signals:
        while trainer.update < updates:
            loss = processes.mean(trainer.step())
            history["losses"].append(loss)
            stop = processes.any(signals.caught is not None)
            if trainer.update in SAMPLED:
                _sample(trainer)
            if trainer.update % every == 0:
                _look(trainer, corpus, bar)
            if stop or trainer.update % every == 0 or trainer.update == updates:
                now = time.process_time()
                history["seconds"] += now - spent
                spent = now
                _keep(trainer, out)
            if bar:
                bar.advance(each, loss)
            if stop:
                break
    if bar and trainer.update < updates:
        bar.note(f"stopped after update {trainer.update:,}; start again to go on from it")
    elif bar:
        bar.note(f"{out / WEIGHTS} holds the weights after {trainer.update:,} updates")
    return INTERRUPTED if trainer.update < updates else 0


def _look(trainer: Trainer, corpus: Text, bar: Progress | None) -> None:
    """Score the running average on validation text; the first process does it for all."""
    losses, trainer.history["losses"] = trainer.history["losses"], []
    if bar is None:
        return
    look = {
        "update": trainer.update,
        "characters": trainer.characters,
        "train": bits_per_character(sum(losses) / len(losses)),
    }
    shown = extract(corpus.validation, WATCHED)
    if len(shown) > STREAMS:
        model = load_model(trainer.trained(), trainer.run.device)
        look["validation"] = mean_bits(model, trainer.vocabulary.encode(shown), STREAMS)
    trainer.history["looks"].append(look)
    scores = "  ".join(
        f"{part} {look[part]:.3f}" for part in ("train", "validation") if part in look
    )
    bar.note(f"update {trainer.update:,}: {scores} bits/char")


def _sample(trainer: Trainer) -> None:
    """Keep a piece of text that the model writes at this moment, always from the same draws."""
    if not trainer.run.processes.first:
        return
    trained = trainer.trained()
    prompt = PROMPT if PROMPT in trained.vocabulary.symbols else trained.vocabulary.symbols[0]
    step = BACKENDS["torch"](trained)
    text = "".join(generate(step, trained, prompt, SAMPLE, temperature=TEMPERATURE, rng=1))
    trainer.history["samples"].append(
        {"update": trainer.update, "characters": trainer.characters, "text": text}
    )


def _keep(trainer: Trainer, out: Path) -> None:
    """Checkpoint first: weights and record follow from it, and are written anew if it goes on."""
    text = trainer.history["text"]
    trainer.save(out / CHECKPOINT, text)
    if not trainer.run.processes.first:
        return
    trained = trainer.trained()
    write_weights(out / WEIGHTS, Trained(*trained[:3], {**trained.record, "text": text}))
    record = {
        **trained.record,
        "settings": vars(trainer.settings),
        "symbols": len(trainer.vocabulary),
        **{name: value for name, value in trainer.history.items() if name != "losses"},
        "processes": trainer.run.processes.count,
        "provenance": {**machine(), "versions": versions(["torch", "numpy"])},
    }
    write_whole(out / RECORD, json.dumps(record, indent=1) + "\n")


def _device(name: str) -> torch.device:
    """The device of that name; with several GPUs, each process of a machine takes its own.

    Raises
    ------
    Refusal
        If there is none.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise Refusal(
            f"--device must be a name that torch knows, such as cpu, got {name}"
        ) from error
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise Refusal(f"--device {name}: torch finds no GPU here")
        if ":" not in name:
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    return device
