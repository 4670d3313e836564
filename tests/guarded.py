"""Run one program in an interpreter of its own: `python -I -X utf8 guarded.py COMMAND ...`.

COMMAND is what would follow `python`. It runs without a network; with `--serve MODULE ...` in its
place, orders are read from standard input and each is run in a fork (see forks.py). Standard
library only, and no other file of the project, since a snippet must find nothing loaded.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import sys
import traceback
from importlib import import_module
from importlib.util import find_spec

CLOSED = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"}


def refuse(event, arguments):
    if event in CLOSED:
        raise PermissionError("a snippet does without the network")


def run(command):
    """Run what would follow `python`."""
    first, *rest = command
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = [first, *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = command
        runpy.run_path(first, run_name="__main__")


def obey(order):
    """Do in a fork what an order says, and return the exit status."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, file in enumerate([os.devnull, *order["files"]]):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT), number)
    if not order["network"]:
        sys.addaudithook(refuse)
    try:
        run(order["command"])
    except SystemExit as stop:
        if stop.code is not None and not isinstance(stop.code, int):
            print(stop.code, file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def serve(modules):
    for name in modules:
        if name.startswith("-"):
            sys.modules[name[1:]] = None  # from here on its import fails
        elif find_spec(name):
            import_module(name)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.setitimer(signal.ITIMER_REAL, order["seconds"])
            code = obey(order)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(sys.argv[2:])
    else:
        sys.addaudithook(refuse)
        # Freezing spares half a second of collecting torch's objects on the way out.
        atexit.register(gc.freeze)
        run(sys.argv[1:])
