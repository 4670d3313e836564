"""What the tools share: the places in the checkout, messages, child processes, locks."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

# What the system says where a checkout cannot be written to.
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC}


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
    except OSError as error:
        if error.errno not in CLOSED or not str(error.filename or "").startswith(str(ROOT)):
            raise
        words = "Everything is kept inside the checkout: it needs a place that you can write to."
        print(f"Error: {error.filename}: {error.strerror}. {words}", file=sys.stderr, flush=True)
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


def follow(
    command: Sequence[str],
    log: Path,
    notice: Callable[[str], str | None],
    environment: Mapping[str, str],
) -> tuple[int, str]:
    """Run a command, say what is worth a line of its output, and keep all of it in a log.

    Parameters
    ----------
    command : sequence of str
    log : Path
        Appended to.
    notice : callable
        Maps an output line to what to say, or to None.
    environment : mapping

    Returns
    -------
    tuple of int and str
        Exit status and output.
    """
    output: list[str] = []
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    options |= {"stdout": subprocess.PIPE, "text": True, "errors": "replace"}
    with (
        open(log, "a", encoding="utf-8") as file,
        subprocess.Popen(list(command), cwd=ROOT, env=dict(environment), **options) as process,
    ):
        file.write("$ " + " ".join(command) + "\n")
        for line in process.stdout or ():
            output.append(line)
            file.write(line)
            if status := notice(line):
                say(f"  {status}")
    return process.returncode, "".join(output)
