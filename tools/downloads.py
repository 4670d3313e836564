"""`make downloads`: the book as a zip that opens as files, and as one PDF; then the site with both.

Both are made of builds of their own, with what the site's build has kept, and lie in
`.cache/downloads` until the site is built, which offers them where they belong to its very state.
`printing.py` prints the PDF, in the environment, because it needs more than the standard library.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zipfile
from pathlib import Path

from tools import build_site
from tools.console import CACHE, ROOT, SetupError, lock, run_main, say, shorten
from tools.environment import CHECK, ensure, environment_for

FOLDER = "downloads"
ZIP = "recurrent-networks.zip"
PDF = "recurrent-networks.pdf"
MARK = "made-of.sha256"
PRINT = "print.html"
# What only a server has a use for.
SERVED = ("404.html", "offline.js", "objects.inv", "sitemap.xml", "sitemap.xml.gz")
# A time for all files of the archive, so that one state of the book makes one archive.
STAMP = (1980, 1, 1, 0, 0, 0)


def shown(size: int) -> str:
    """Return a size as a reader wants to see it beside a link."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(size, 100) / 1e3:.1f} KB"


def current(root: Path) -> list[Path]:
    """Return what was made of the book as it is now; what is older is not offered."""
    folder = root / ".cache" / FOLDER
    try:
        if (folder / MARK).read_text() != build_site.fingerprint(root):
            return []
    except (OSError, ValueError):
        return []
    return [path for path in (folder / PDF, folder / ZIP) if path.is_file()]


def archive(site: Path, to: Path) -> None:
    """Pack a site into one folder of a zip."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = f"{to.stem}/{path.relative_to(site).as_posix()}"
            entry = zipfile.ZipInfo(name, STAMP)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def make(python: Path) -> list[Path]:
    """Make both, unless they are there for the book as it is now."""
    folder = CACHE / FOLDER
    if len(current(ROOT)) == 2:
        say("Downloads: up to date.")
        return current(ROOT)
    start = time.monotonic()
    with lock("downloads"):
        mark = build_site.fingerprint(ROOT)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        site = CACHE / "offline"
        shutil.rmtree(site, ignore_errors=True)
        say("Building the book for the zip and the PDF.")
        build_site.mkdocs(python, site, OFFLINE="true")
        command = [str(python), "-m", "tools.printing", str(site / PRINT), str(folder / PDF)]
        if subprocess.run(command, cwd=ROOT, env=environment_for(python)).returncode:
            raise SetupError("the book was not printed: the reason stands above.")
        for name in (PRINT, *SERVED):
            (site / name).unlink(missing_ok=True)
        archive(site, folder / ZIP)
        shutil.rmtree(site)
        (folder / MARK).write_text(mark)
    for path in (folder / PDF, folder / ZIP):
        say(f"{path.relative_to(ROOT)}: {shown(path.stat().st_size)}")
    say(f"Downloads: made in {shorten(time.monotonic() - start)}.")
    return current(ROOT)


def main() -> int:
    os.environ.pop("OFFLINE", None)
    python = ensure(CHECK)
    make(python)
    build_site.build(python)
    return 0


if __name__ == "__main__":
    run_main(main)
