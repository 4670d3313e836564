"""A measurement runs on one thread, with the kernels that the libraries choose by themselves."""

from __future__ import annotations

import os
import subprocess
import sys

from rnn_book.experiments.provenance import THREADS

__all__ = ["one_thread"]

# On some machines these choose slower kernels for older libraries.
KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def one_thread(module: str) -> int | None:
    """Start again with one thread where this process has more; None where it has one.

    The libraries read their environment when they are loaded, so it has to be set before.
    """
    wanted = all(os.environ.get(name) == "1" for name in THREADS)
    if wanted and not any(name in os.environ for name in KERNELS):
        return None
    environment = {k: v for k, v in os.environ.items() if k not in KERNELS}
    environment |= dict.fromkeys(THREADS, "1")
    command = [sys.executable, "-m", module, *sys.argv[1:]]
    return subprocess.run(command, env=environment, check=False).returncode
