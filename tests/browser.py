"""Chromium for the tests: find it, serve the site to it, and watch what it does."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tools.printing import find_browser
from tools.serve import HOST, Handler

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)


def is_required() -> bool:
    """Tell whether a missing Chromium is a failure: on CI it is."""
    return os.environ.get("CI") == "true"


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback and give its address."""
    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def watched(browser: Browser, address: str, **options: object) -> Iterator[tuple[Page, list[str]]]:
    """Open a page in a fresh profile; all that goes wrong, and all that leaves, is listed."""
    context = browser.new_context(**options)
    wrong: list[str] = []

    def stop(route):
        wrong.append(f"request to elsewhere: {route.request.url}")
        route.abort()

    def is_elsewhere(url: str) -> bool:
        return not url.startswith((address, "data:", "blob:"))

    context.route(is_elsewhere, stop)
    context.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    context.on(
        "response",
        lambda answer: wrong.append(f"{answer.status}: {answer.url}") if not answer.ok else None,
    )
    context.on(
        "console",
        lambda line: (
            wrong.append(f"console: {line.text}") if line.type in ("error", "warning") else None
        ),
    )
    context.on("weberror", lambda error: wrong.append(f"script: {error.error}"))
    page = context.new_page()
    try:
        yield page, wrong
    finally:
        context.close()
