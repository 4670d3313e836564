"""What all tests share. Kept small: a fixture that one file needs stands in that file."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import browser as chromium
from tests import running, snippets
from tools import build_site
from tools.changed import Change
from tools.console import ROOT, contained_environment
from tools.printing import find_browser

# Before anything is imported that reads them: the tests write below the checkout only, and they
# run side by side, one thread each.
os.environ.update(contained_environment())
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# A shell starts what it puts into the background with Ctrl-C ignored, and a child inherits that:
# what we start here, and interrupt, could not be interrupted.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Let no test connect to another machine: nothing that the book promises needs one."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise ConnectionRefusedError(f"the tests do without the network, not {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site; it is built (strictly) if anything changed since."""
    if note := os.environ.get("SITE_AWAITED"):
        return build_site.wait_for(Path(note)) or pytest.fail("the site did not build")
    return build_site.build()


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Any]:
    """Every page of the site as path -> parsed HTML, which no test may change."""
    from bs4 import BeautifulSoup

    return {
        path.relative_to(site).as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="session")
def runtime(site: Path) -> Path:
    """Return the built site, if Python for the browser is part of it."""
    if not running.has_python(site):
        pytest.skip("built without NumPy for the browser: PYODIDE_WHEELS names no folder with it")
    return site


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, one for all tests of a process; each opens a context of its own."""
    from playwright.sync_api import sync_playwright  # here: no other test needs it

    if find_browser() is None:
        if chromium.is_required():
            pytest.fail("no Chromium")
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the built site is served, on this machine."""
    with chromium.serve(site) as address:
        yield address


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--changed",
        action="store_true",
        help="run what the files that differ from main (or from the commit BASE) can touch",
    )
    parser.addoption(
        "--update-snippets",
        action="store_true",
        help="record what the snippets print (-k TEXT: those with TEXT in their name) and stop",
    )


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "sweep: slow and exhaustive; `make sweep` runs it",
        "book: holds of pages, figures and snippets as they are, so a changed page can break it",
    ):
        config.addinivalue_line("markers", line)


# The small versions of the experiments take half a minute each, and Python in a browser takes some
# seconds to start. Of the latter `make test` runs one test of each file.
SLOW_FIXTURES = {"run_cache", "runtime"}
ONE_OF_THEM = {"test_a_snippet_prints_its_recorded_output", "test_the_lab_starts_with_the_keeper"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        is_slow = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if is_slow and item.name not in ONE_OF_THEM:
            item.add_marker(pytest.mark.sweep)
    # What needs the site comes last: it may still be under construction.
    items.sort(key=lambda item: "site" in getattr(item, "fixturenames", ()))
    if config.option.changed:
        change = Change(ROOT)

        def is_touched(item: pytest.Item) -> bool:
            marks = {mark.name for mark in item.iter_markers()}
            parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
            return change.touches(item.path, marks, tuple(parameters))

        config.hook.pytest_deselected(items=[item for item in items if not is_touched(item)])
        items[:] = [item for item in items if is_touched(item)]


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.option.update_snippets:
        return None
    report, well = snippets.record(ROOT, config.option.keyword)
    print("\n".join(report))
    return 0 if well else 1


@pytest.fixture(scope="session")
def run_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this session's runs of experiments, one for all of xdist's processes."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "runs"
