"""Run Python programs from where the libraries are loaded and nothing else has happened.

To start an interpreter and to import torch takes two seconds; to fork one that has done so, a
hundredth. A `Forks` starts this very file as an interpreter that imports what it is told to, and
then forks a child for every order that it reads. `guarded.py` beside it is what a child runs.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

GUARDED = Path(__file__).with_name("guarded.py")


class Forks:
    """An interpreter that has imported some modules, and runs programs in forks of itself.

    It is isolated (`python -I`): neither the caller's variables nor its folder count.

    Parameters
    ----------
    modules
        What to import; a module that is not installed is left out. One after a "-" is put out of
        reach.
    """

    def __init__(self, *modules: str) -> None:
        self._lock = threading.Lock()
        self._server = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(GUARDED), "--serve", *modules],
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(
        self,
        command: Sequence[str | Path],
        cwd: str | Path,
        env: Mapping[str, str],
        *,
        network: bool = True,
        seconds: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program and wait for it.

        Parameters
        ----------
        command
            A file, or ``"-m"`` and a module, or ``"-c"`` and code, and its arguments: what would
            follow `python`.
        cwd, env
            Its folder and its environment variables.
        network
            Whether it may open sockets.
        seconds
            When it is stopped.

        Returns
        -------
        subprocess.CompletedProcess
            Its exit status, negative for a signal, and what it printed.
        """
        command = [str(part) for part in command]
        with self._lock, tempfile.TemporaryDirectory() as scratch:
            printed = [Path(scratch, name) for name in ("stdout", "stderr")]
            order = {
                "command": command,
                "cwd": str(cwd),
                "env": dict(env),
                "files": [str(file) for file in printed],
                "network": network,
                "seconds": seconds,
            }
            self._server.stdin.write(json.dumps(order) + "\n")
            self._server.stdin.flush()
            code = int(self._server.stdout.readline())
            said = [file.read_text(encoding="utf-8", errors="replace") for file in printed]
        if code == -signal.SIGALRM:
            return subprocess.CompletedProcess(command, 1, said[0], f"stopped after {seconds} s")
        return subprocess.CompletedProcess(command, code, *said)

    def close(self) -> None:
        """End the interpreter."""
        self._server.communicate()
