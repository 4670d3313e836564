"""Kernels for labs, forked from one process that has imported what several labs import.

To start a kernel and to import PyTorch and Matplotlib takes five seconds, and a build runs a dozen
labs. So `Warm` starts this file as a program that imports once and forks a kernel for whoever asks.
Jupyter starts what asks, this file again: it stands for the kernel that it got, and the two end
together.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

FORKS = sys.platform == "linux"
"""Whether a process that has imported all this may be forked: on macOS its libraries forbid it."""

NAME = "rnn_book"  # of the kernel, for Jupyter
LINE = "RNN_BOOK_KERNELS"  # the number of the socket on which one asks


def shared(sources: Iterable[str]) -> list[str]:
    """Return the modules that more than one of some programs import."""
    count: Counter[str] = Counter()
    for source in sources:
        with contextlib.suppress(SyntaxError):  # of IPython's own; the lab will tell
            count.update(_imported(ast.parse(source)))
    return sorted(name for name, number in count.items() if number > 1)


def _imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def install(data: Path) -> None:
    """Describe these kernels in Jupyter's folder of data."""
    # Without site and user packages: what asks needs sockets alone, and starts at once.
    asking = [sys.executable, "-I", "-S", __file__, "{connection_file}"]
    starting = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    command = asking if FORKS else starting
    spec = json.dumps({"argv": command, "display_name": NAME, "language": "python"})
    folder = data / "kernels" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(spec, encoding="utf-8")


class Warm:
    """The process that kernels are forked from; `options` are what Jupyter starts them with.

    Where none may be forked, there is no process, and each kernel starts by itself.

    Parameters
    ----------
    modules
        What to import in it.
    folder
        Where kernels work.
    variables
        Their environment variables.
    """

    def __init__(self, modules: list[str], folder: Path, variables: dict[str, str]) -> None:
        self.options: dict[str, object] = {"cwd": str(folder), "env": variables}
        if not FORKS:
            return
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        number = self._line.fileno()
        self.options |= {"env": variables | {LINE: str(number)}, "pass_fds": [number]}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, "--serve", str(theirs.fileno()), *modules],
                cwd=folder,
                env=variables | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
                stdin=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def close(self) -> None:
        """End it, and all kernels."""
        if not FORKS:
            return
        self._process.communicate()
        self._line.close()


def _serve(line: socket.socket, modules: list[str]) -> None:
    """Import modules; then fork a kernel for each order, until the build has ended."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # kernels end with this process
    from ipykernel import kernelapp

    sys.path.insert(0, "")  # where kernels work, as Jupyter has it
    for name in modules:
        with contextlib.suppress(Exception):  # the lab will tell
            importlib.import_module(name)
    while True:
        ready, _, _ = select.select([line, sys.stdin], [], [])
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass  # a kernel that has ended
        if sys.stdin in ready:
            os.killpg(0, signal.SIGKILL)  # this process, and kernels that a build has left
        _, (number,), *_ = socket.recv_fds(line, 1, 1)
        with socket.socket(fileno=number) as connection:
            if os.fork() == 0:
                _become(connection, kernelapp)


def _become(connection: socket.socket, kernelapp) -> None:
    """Turn this fork into the kernel of whoever is connected, and end with them."""
    order = json.loads(connection.makefile().readline())
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["variables"])

    def end() -> None:
        connection.recv(1)
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()
    kernelapp.launch_new_instance(argv=["-f", order["file"]])
    os._exit(0)


def _ask(file: str) -> None:
    """Order a kernel, and wait for its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is at rest is told so by Jupyter at the end
    here, there = socket.socketpair()
    with here, socket.socket(fileno=int(os.environ.pop(LINE))) as line:
        socket.send_fds(line, [b"."], [there.fileno()])
        there.close()
        order = {"file": file, "folder": os.getcwd(), "variables": dict(os.environ)}
        here.sendall(json.dumps(order).encode() + b"\n")
        here.recv(1)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        del sys.path[0]  # the folder of this file
        _serve(socket.socket(fileno=int(sys.argv[2])), sys.argv[3:])
    else:
        _ask(sys.argv[1])
