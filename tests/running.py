"""What the tests of running in a page share: a strict server, and the handles of a block."""

from __future__ import annotations

import contextlib
import functools
import html
import json
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

from tools.policy import policy
from tools.serve import HOST, Handler

PATIENCE = 240_000  # ms; Python starts within seconds, but not on a machine that is busy otherwise
RUNNABLE = re.compile(
    r'<div class="[^"]*highlight" data-run="([^"]+)">.*?<code>(.*?)</code>', re.DOTALL
)
TAG = re.compile(r"<[^>]+>")


class StrictHandler(Handler):
    """Serves the site below /book/, each page under the policy."""

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/book"))

    def end_headers(self) -> None:
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        html = file.read_bytes() if file.suffix == ".html" and file.is_file() else b""
        self.send_header("Content-Security-Policy", policy([html]))
        super().end_headers()


@contextlib.contextmanager
def serve_strictly(site: Path) -> Iterator[str]:
    handler = functools.partial(StrictHandler, directory=str(site))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}/book/"
        finally:
            server.shutdown()
            thread.join()


def folder(site: Path) -> Path:
    """The published folder of scripts, whose name knows their content."""
    (found,) = (site / "assets" / "run").iterdir()
    return found


def files(site: Path) -> list[dict]:
    return json.loads((folder(site) / "files.json").read_text())


def has_python(site: Path) -> bool:
    return any(one["name"].startswith("numpy-") for one in files(site))


def offered(site: Path) -> dict[str, str]:
    """Name -> code of every snippet that some page offers to run, as the page shows it."""
    found = {}
    for page in site.rglob("*.html"):
        for name, code in RUNNABLE.findall(page.read_text(encoding="utf-8")):
            found[name] = html.unescape(TAG.sub("", code))
    return found


class Block:
    """One snippet of a page, through what a reader sees of it."""

    def __init__(self, page, number: int = 0) -> None:
        self.page = page
        self.bar = page.locator(".highlight.run + .run-bar").nth(number)
        self.highlight = page.locator(".highlight.run").nth(number)
        self.editor = self.highlight.locator(".run-editor")

    def press(self, label: str) -> None:
        # By position in the DOM, not by sight: the block may lie in a fold or in the other tab.
        self.bar.locator("button", has_text=label).first.dispatch_event("click")

    @property
    def status(self) -> str:
        return self.bar.locator(".run-status").inner_text()

    def wait(self, words: str) -> str:
        """Wait until the status matches, and return it."""
        handle = self.bar.locator(".run-status").element_handle()
        self.page.wait_for_function(
            "([e, words]) => new RegExp(words).test(e.textContent)", arg=[handle, words]
        )
        return self.status

    def output(self) -> str:
        return self.bar.locator("+ .run-output .run-text").text_content()

    def error(self) -> str:
        return self.bar.locator("+ .run-output .run-error").text_content()

    def run(self, code: str | None = None) -> str:
        """Run, edited or not, to the end; return the status."""
        if code is None:
            self.press("Run")
        else:
            self.editor.fill(code)
            self.editor.press("Control+Enter")
        return self.wait("^(Done|Ended|Stopped|Python|.*could not|.*is not)")
