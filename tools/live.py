"""What `make book` starts beside its server: it builds the book anew whenever a file is edited.

MkDocs, the hooks and what they keep of unchanged pages stay in this process's memory, so that an
edited chapter is there within three seconds.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from pathlib import Path

from tools import build_site
from tools.console import lock, run_main, say

PAUSE = 0.3  # seconds between two looks at the files
# What this process reads once: where it changes, the process begins anew.
PROSE = ("docs/snippets", "docs/labs", "images", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
PAGES = (".md", ".css", ".js", ".svg")

State = dict[Path, int]


def state() -> State:
    """Return when each file that the book is made of was last changed."""
    found = {}
    for path in build_site.input_files(build_site.ROOT):
        try:
            found[path] = path.stat().st_mtime_ns
        except FileNotFoundError:  # an editor is just replacing it
            continue
    return found


def is_code(path: Path) -> bool:
    """Tell whether a file is loaded once, and not read in every build."""
    name = path.relative_to(build_site.ROOT).as_posix()
    return not name.startswith(PROSE) and not (name.startswith("docs/") and path.suffix in PAGES)


def make(site: Path) -> None:
    """Build strictly into a folder, as `mkdocs build` does, in this process."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    config = load_config(str(build_site.ROOT / "mkdocs.yml"), strict=True, site_dir=str(site))
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


def renew() -> bool:
    """Build and swap in; where that fails, say why and leave the site as it is."""
    begun = time.monotonic()
    try:
        with lock("build"):
            build_site.put(make, build_site.mark_of_inputs())
    except (Exception, SystemExit) as error:  # whatever it is, the next edit may mend it
        say(f"The site stays as it was: {error}")
        return False
    say(f"Built anew in {time.monotonic() - begun:.1f} s.")
    return True


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    server = int(sys.argv[1])
    seen = state()
    renew()
    while os.getppid() == server:
        time.sleep(PAUSE)
        if (now := state()) == seen:
            continue
        edited = [path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path)]
        if any(map(is_code, edited)):
            os.execv(sys.executable, [sys.executable, "-m", "tools.live", str(server)])
        seen = now
        renew()
    return 0


if __name__ == "__main__":
    run_main(main)
