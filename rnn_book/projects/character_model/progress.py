"""One line that tells how a training goes: loss, bits, speed and the time that is left."""

from __future__ import annotations

import math
import sys
import time
from typing import TextIO

__all__ = ["Progress"]


class Progress:
    """A bar in a terminal; where output goes to a file, a line now and then.

    Parameters
    ----------
    total
        Characters to read in all.
    done
        Characters that an earlier sitting has read.
    stream
        Where to write.
    """

    WIDTH = 24

    def __init__(self, total: int, done: int = 0, stream: TextIO | None = None) -> None:
        self.total, self.done, self.begun = total, done, done
        self.stream = stream or sys.stderr
        self.started = self.shown = time.monotonic()
        self.every = 0.2 if self.stream.isatty() else 60.0

    def advance(self, characters: int, loss: float) -> None:
        """Tell of an update; `loss` is in nats per character."""
        self.done += characters
        now = time.monotonic()
        if now - self.shown >= self.every or self.done >= self.total:
            self.shown = now
            self._write(self.line(now - self.started, loss))

    def line(self, seconds: float, loss: float) -> str:
        """What is shown after so many seconds of this sitting."""
        speed = (self.done - self.begun) / max(seconds, 1e-9)
        share = min(self.done / self.total, 1)
        full = round(share * self.WIDTH)
        left = (self.total - self.done) / speed if speed else math.inf
        return (
            f"[{'#' * full}{'.' * (self.WIDTH - full)}] {share:4.0%}  loss {loss:.3f}  "
            f"{loss / math.log(2):.3f} bits/char  {speed:,.0f} chars/s  {_clock(left)} left"
        )

    def note(self, text: str) -> None:
        """Write a line that stays."""
        end = "\033[K\n" if self.stream.isatty() else "\n"
        start = "\r" if self.stream.isatty() else ""
        self.stream.write(start + text + end)
        self.stream.flush()

    def _write(self, line: str) -> None:
        self.stream.write(f"\r{line}\033[K" if self.stream.isatty() else line + "\n")
        self.stream.flush()


def _clock(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
