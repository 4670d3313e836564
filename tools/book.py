"""`make book`: set up, build, serve."""

from __future__ import annotations

import os

from tools import build_site, environment, serve
from tools.console import SetupError, run_main


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SetupError(f"PORT is {text!r}: expected a number from 1 to 65535.")
    return int(text)


def main() -> int:
    port = chosen_port()
    python = environment.ensure(environment.READ)
    serve.serve(build_site.build(python), port)
    return 0


if __name__ == "__main__":
    run_main(main)
