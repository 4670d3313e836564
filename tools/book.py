"""`make book`: set up, build, serve, and build anew what is edited meanwhile."""

from __future__ import annotations

import os
import subprocess

from tools import build_site, environment, serve
from tools.console import ROOT, SetupError, run_main


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SetupError(f"PORT is {text!r}: expected a number from 1 to 65535.")
    return int(text)


def main() -> int:
    port = chosen_port()
    python = environment.ensure(environment.READ)
    site = build_site.build(python)
    with subprocess.Popen(
        [str(python), "-m", "tools.live", str(os.getpid())],
        cwd=ROOT,
        env=build_site.environment_of_mkdocs(python),
        stdin=subprocess.DEVNULL,
    ) as builder:
        try:
            serve.serve(site, port)
        finally:
            builder.terminate()
    return 0


if __name__ == "__main__":
    run_main(main)
