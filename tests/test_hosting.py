"""hosting/nginx.conf: what readers get from a server of their host's own, policy and all."""

import contextlib
import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from tests import browser as chromium
from tests import running
from tests.running import PATIENCE, Block
from tools.console import ROOT
from tools.serve import HOST

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
TEXTS = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt", ".py", ".ipynb"}

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.timeout(900),
    pytest.mark.skipif(NGINX is None, reason="no nginx (Debian: apt-get install nginx-light)"),
]

# What the system's nginx.conf is on a server, as far as ours counts on it.
AROUND = """
daemon off;
pid {folder}/pid;
error_log stderr;
{user}
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/server.conf;
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def configuration(site, port, tmp_path_factory):
    """The guide's steps, with this machine's folders and a free port in their place."""
    folder = tmp_path_factory.mktemp("nginx")
    policy = [sys.executable, "-m", "tools.policy", site]
    done = subprocess.run(policy, cwd=ROOT, capture_output=True, text=True, check=True)
    (folder / "book-policy.conf").write_text(done.stdout)
    server = (ROOT / "hosting/nginx.conf").read_text(encoding="utf-8")
    for there, here in {
        "listen 80;": f"listen {HOST}:{port};",
        "listen [::]:80;": "",
        "/srv/book": str(site),
        "/etc/nginx/book-policy.conf": str(folder / "book-policy.conf"),
    }.items():
        assert there in server
        server = server.replace(there, here)
    (folder / "server.conf").write_text(server)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def address(configuration, port):
    """Where nginx serves the site."""
    with subprocess.Popen([NGINX, "-p", configuration.parent, "-c", configuration]) as server:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
                break
            assert server.poll() is None
            time.sleep(0.05)
        yield f"http://{HOST}:{port}/"
        server.terminate()


def get(address, path="", **headers):
    """Return status, headers and body, as they come."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/{path}", headers={"Accept-Encoding": "gzip"} | names)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def test_nginx_takes_the_configuration_without_a_warning(configuration):
    command = [NGINX, "-t", "-p", configuration.parent, "-c", configuration]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"\[(warn|emerg)\]", done.stderr), done.stderr


def test_every_kind_of_file_is_what_a_browser_wants_and_texts_are_compressed(site, address):
    largest = {}
    for path in (path for path in site.rglob("*") if path.is_file()):
        kind = path.suffix
        if kind not in largest or path.stat().st_size > largest[kind].stat().st_size:
            largest[kind] = path
    assert set(largest) >= TEXTS
    for kind, path in largest.items():
        status, headers, body = get(address, path.relative_to(site).as_posix())
        assert status == 200
        assert headers["X-Content-Type-Options"] == "nosniff"
        if kind in (".js", ".mjs"):
            assert "javascript" in headers["Content-Type"]
        if kind in TEXTS and path.stat().st_size > 1000:
            assert headers["Content-Encoding"] == "gzip", path
            assert headers["Vary"] == "Accept-Encoding"
        is_packed = headers["Content-Encoding"] == "gzip"
        assert (gzip.decompress(body) if is_packed else body) == path.read_bytes()


def test_what_is_named_by_its_content_may_be_kept_and_pages_are_asked_for_again(site, address):
    named = [
        path
        for path in site.glob("assets/**/*")
        if path.is_file() and re.search(r"\.[0-9a-f]{10}\.|/(run|pyodide)/[0-9a-f]{12}/", str(path))
    ]
    assert len(named) > 10
    for path in named:
        _, headers, _ = get(address, path.relative_to(site).as_posix())
        assert "immutable" in headers["Cache-Control"], path
        assert headers.get_all("Cache-Control") == [headers["Cache-Control"]]
    for path in ("", "lstm/forget-gate/", "offline.js", "search/search_index.json"):
        status, headers, _ = get(address, path)
        assert (status, headers["Cache-Control"]) == (200, "no-cache")
        status, _, body = get(address, path, If_None_Match=headers["ETag"])
        assert (status, body) == (304, b"")


def test_every_answer_has_the_policy_also_that_there_is_no_page(site, address):
    missing = get(address, "no/such/page/")
    assert missing[0] == 404
    assert gzip.decompress(missing[2]) == (site / "404.html").read_bytes()
    for _, headers, _ in (missing, get(address), get(address, "lstm/forget-gate/")):
        (policy,) = headers.get_all("Content-Security-Policy")
        assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")
        assert len(policy) < 4000  # some servers in between take no header above 4 or 8 kB
    notebook = get(address, "downloads/reading-gates.ipynb")[1]
    assert notebook["Access-Control-Allow-Origin"] == "https://colab.research.google.com"


@pytest.mark.parametrize(
    "path", ["", "lstm/forget-gate/", "labs/reading-gates/", "reference/numpy/"]
)
def test_a_page_works_under_the_policy(browser, address, path):
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(address + path, wait_until="networkidle")
        before = page.evaluate("document.body.dataset.mdColorScheme")
        for _ in range(2):  # from the system's theme to light, to dark
            page.locator("form[data-book=theme] label:not([hidden])").click()
        assert page.evaluate("document.body.dataset.mdColorScheme") != before
        page.locator(".md-search__input").click()
        page.keyboard.type("peephole")
        page.locator(".md-search-result__link").first.wait_for()
        assert not wrong, "\n".join(wrong)


def test_a_page_that_is_not_there_offers_its_search(browser, address):
    with chromium.watched(browser, address) as (page, wrong):
        page.goto(f"{address}no/such/page/", wait_until="networkidle")
        page.locator(".md-search__input").click()
        page.keyboard.type("peephole")
        page.locator(".md-search-result__link").first.wait_for()
        assert all("404" in line for line in wrong), "\n".join(wrong)


def test_a_snippet_runs_under_the_policy(browser, runtime, address):
    assert running.has_python(runtime)
    with chromium.watched(browser, address) as (page, wrong):
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}lstm/forget-gate/")
        block = Block(page)
        assert block.run().startswith("Done")
        assert block.run("print(6 * 7)").startswith("Done")
        assert block.output() == "42\n"
        assert not wrong, "\n".join(wrong)
        # Once more from what the service worker has kept.
        page.reload()
        assert Block(page).run().startswith("Done")
        assert not wrong, "\n".join(wrong)
