"""What the tools share: the places in the checkout, messages, child processes, locks."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

# How long a child may be silent before we say that it is still at work.
HEARTBEAT_SECONDS = 15.0
# How often, where the status cannot be rewritten in place, a new status gets a line.
UPDATE_SECONDS = 3.0


class SetupError(Exception):
    """Something that the reader can mend; its message is one line."""


def say(message: str) -> None:
    print(message, flush=True)


def shorten(seconds: float) -> str:
    """Return a duration for people: "8 s", "2 min 5 s"."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def run_main(main: Callable[[], int]) -> NoReturn:
    """Run a tool's main function; a known failure is one line, and so is Ctrl-C."""
    try:
        code = main()
    except SetupError as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        code = 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr, flush=True)
        code = 130
    sys.exit(code)


def contained_environment() -> dict[str, str]:
    """Return the environment in which everything that we start keeps its files in the checkout.

    IPython, Jupyter, Matplotlib, Keras, Chromium and fontconfig all write below the home folder,
    so they get one of their own in .cache/.
    """
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("JUPYTER", "IPYTHON")) and key not in ("PYTHONPATH", "PYTHONHOME")
    }
    return environment | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "MPLCONFIGDIR": str(CACHE / "matplotlib"),
        "KERAS_HOME": str(CACHE / "keras"),
        "KERAS_BACKEND": "torch",
        # Node keeps one in the system's temporary folder.
        "NODE_DISABLE_COMPILE_CACHE": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Let one process at a time into the block; the others wait and say so."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting: another process is busy with the {name} of this checkout.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Progress:
    """A line of status: rewritten in place on a terminal, printed now and then elsewhere."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.start = time.monotonic()
        self.last_print = self.start
        self.text = ""
        self.live = sys.stdout.isatty()

    def elapsed(self) -> str:
        return shorten(time.monotonic() - self.start)

    def update(self, text: str) -> None:
        self.text = text
        if not self.live and time.monotonic() - self.last_print > UPDATE_SECONDS:
            self._print()

    def tick(self) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            line = f"  {self.label}: {self.elapsed()}  {self.text}"
            print(f"\r{line[:width]:<{width}}", end="", flush=True)
        elif time.monotonic() - self.last_print > HEARTBEAT_SECONDS:
            self._print()

    def close(self) -> None:
        if self.live:
            print(f"\r{'':<{shutil.get_terminal_size().columns - 1}}\r", end="", flush=True)

    def _print(self) -> None:
        say(f"  {self.label}: {self.text or 'at work'} ({self.elapsed()})")
        self.last_print = time.monotonic()


def follow(
    command: Sequence[str],
    label: str,
    log: Path,
    notice: Callable[[str], str | None],
    environment: Mapping[str, str],
) -> tuple[int, str]:
    """Run a command, show its progress, and keep its output in a log.

    Parameters
    ----------
    command : sequence of str
    label : str
        What the status line calls the work.
    log : Path
        Appended to.
    notice : callable
        Maps an output line to the status it stands for, or to None.
    environment : mapping

    Returns
    -------
    tuple of int and str
        Exit status and output.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    output: list[str] = []
    progress = Progress(label)
    log.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        list(command),
        cwd=ROOT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        with process, open(log, "a", encoding="utf-8") as file:
            file.write("$ " + " ".join(command) + "\n")
            while True:
                try:
                    line = lines.get(timeout=0.5)
                except queue.Empty:
                    progress.tick()
                    continue
                if line is None:
                    break
                output.append(line)
                file.write(line)
                status = notice(line)
                if status:
                    progress.update(status)
                progress.tick()
        return process.returncode, "".join(output)
    finally:
        progress.close()
