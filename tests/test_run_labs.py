"""What else runs in a page: the gate lab, training, and exercises that answer back."""

import re

import pytest

from tests.running import PATIENCE

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def context(browser, runtime):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def lab(context, address):
    page = context.new_page()
    page.goto(address + "labs/gate-lab/")
    assert page.locator(".lab-still").is_visible()
    page.get_by_role("button", name="Start the lab").click()
    page.wait_for_selector("svg.lab-cell")
    return page


def settle(page, change):
    """Do something, and wait for the answer to it."""
    before = page.locator(".lab").get_attribute("data-answers")
    change()
    page.wait_for_function(
        "(n) => document.querySelector('.lab').dataset.answers !== n", arg=before
    )
    page.wait_for_timeout(50)


def values(page):
    """The values that the lab tells of the chosen step."""
    told = page.locator(".lab-values").inner_text().replace("−", "-")
    return {letter: float(value) for letter, value in re.findall(r"(\w) = (-?[\d.]+)", told)}


def choice(page, label):
    return page.get_by_role("combobox", name=re.compile(f"^{label}"))


def choose(page, label, option):
    settle(page, lambda: choice(page, label).select_option(option))


def set_slider(page, group, label, value):
    slider = page.locator(f".lab-{group}.lab-group").get_by_label(label)
    settle(
        page,
        lambda: slider.evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', { bubbles: true })) }",
            str(value),
        ),
    )


def test_the_lab_starts_with_the_keeper(lab):
    choose(lab, "Preset", "shut")
    choose(lab, "Preset", "keeper")
    assert values(lab)["c"] == pytest.approx(0.98, abs=0.005)
    assert not lab.locator(".lab-still").count()


def test_a_slider_changes_the_cell_and_the_link_carries_it(lab, context):
    choose(lab, "Preset", "keeper")
    set_slider(lab, "f", "bias", -8)
    held = values(lab)
    assert held["f"] < 0.01
    assert choice(lab, "Preset").input_value() == ""
    lab.wait_for_url(re.compile("f=-8,"))
    other = context.new_page()
    other.goto(lab.url)
    other.get_by_role("button", name="Start the lab").click()
    other.wait_for_selector("svg.lab-cell")
    assert values(other) == held
    other.close()


def test_the_input_moves_with_the_keyboard_and_with_the_pointer(lab):
    choose(lab, "Preset", "keeper")
    handle = lab.get_by_role("slider", name="input at step 4")
    handle.focus()
    settle(lab, lambda: lab.keyboard.press("PageUp"))
    assert values(lab)["x"] == pytest.approx(0.6)
    box = handle.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    lab.mouse.move(*middle)
    lab.mouse.down()
    settle(lab, lambda: lab.mouse.move(middle[0], middle[1] + 8))
    lab.mouse.up()
    assert values(lab)["x"] < 0.6


def test_a_sequence_of_ones_own_has_up_to_fifty_steps(lab):
    field = lab.get_by_label("Sequence of up to 50 numbers")

    def write():
        field.fill(", ".join(["0.5"] * 60))
        field.press("Enter")

    settle(lab, write)
    assert "of 50" in lab.locator(".lab-values").inner_text()
    assert lab.locator(".lab-x .lab-dot").count() == 50
    settle(lab, lambda: lab.get_by_role("button", name="Start again").click())


@pytest.mark.parametrize("unit, letters", [("gru", "rznh"), ("rnn", "h"), ("lstm", "figoch")])
def test_every_unit_has_its_traces_and_its_drawing(lab, unit, letters):
    choose(lab, "Unit", "rnn" if unit != "rnn" else "gru")
    choose(lab, "Unit", unit)
    for letter in letters:
        assert lab.locator(f".lab-row.lab-{letter} .lab-line").count() == 1
    lab.wait_for_selector("svg.lab-cell")
    lit = lab.locator("svg.lab-cell [data-part]").evaluate_all(
        "(parts) => new Set(parts.map((e) => e.style.opacity)).size"
    )
    assert lit > 2


def test_the_small_form_on_the_forget_gates_page_moves_the_bias(context, address):
    page = context.new_page()
    page.goto(address + "lstm/forget-gate/")
    page.get_by_role("button", name="Move the bias").click()
    page.wait_for_selector(".lab-small .lab-row.lab-c")
    line = page.locator(".lab-small .lab-f .lab-line")
    before = line.get_attribute("points")
    page.get_by_label("Bias of the forget gate").focus()
    settle(page, lambda: page.keyboard.press("Home"))
    assert line.get_attribute("points") != before
    page.close()


@pytest.mark.parametrize(
    "name, gate, traces",
    [("gru-cell", "update gate", "znh"), ("reset-gate-and-candidate", "reset gate", "rh")],
)
def test_the_small_form_moves_a_gate_of_the_gru(context, address, name, gate, traces):
    page = context.new_page()
    page.goto(address + f"gru/{name}/")
    page.get_by_role("button", name="Move the bias").click()
    page.wait_for_selector(".lab-small .lab-row.lab-h")
    for letter in traces:
        assert page.locator(f".lab-small .lab-row.lab-{letter} .lab-line").count() == 1
    line = page.locator(".lab-small .lab-h .lab-line")
    before = line.get_attribute("points")
    page.get_by_label(f"Bias of the {gate}").focus()
    settle(page, lambda: page.keyboard.press("Home"))
    assert line.get_attribute("points") != before
    page.close()


@pytest.mark.sweep
def test_a_model_trains_stops_and_goes_on(context, address):
    page = context.new_page()
    page.goto(address + "labs/train-here/")
    page.get_by_role("button", name="Get the model ready").click()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(".train-sample")
    page.get_by_role("button", name="Stop").click()
    status = page.locator(".run-status").element_handle()
    stopped = "(e) => e.textContent.startsWith('Stopped')"
    page.wait_for_function(stopped, arg=status)
    seen = page.locator(".train-curve").get_attribute("aria-label")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_function(
        "(seen) => document.querySelector('.train-curve').ariaLabel !== seen", arg=seen
    )
    page.get_by_role("button", name="Stop").click()
    page.wait_for_function(stopped, arg=status)
    page.locator(".train-text").fill("too short")
    page.get_by_role("button", name="Begin anew").click()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function("(e) => e.textContent.includes('400')", arg=status)
    page.close()


def test_a_prediction_comes_before_the_solution_and_a_wrong_one_is_explained(context, address):
    page = context.new_page()
    page.goto(address + "lstm/memory-cell/")
    page.get_by_role("button", name="Predict it first").click()
    solution = page.locator("details", has_text="Solution").first
    assert solution.get_attribute("open") is None
    page.get_by_label("Larger: it goes on adding.").check()
    page.get_by_role("button", name="This is my prediction").click()
    assert "nothing is added" in page.locator(".predict .run-verdict").inner_text()
    assert solution.get_attribute("open") is not None
    assert not page.locator(".run-solved").count()
    page.close()


def test_a_solved_exercise_stays_marked_until_the_marks_are_cleared(context, address):
    page = context.new_page()
    page.goto(address + "lstm/forget-gate/")
    page.get_by_role("button", name="Solve it here").click()
    editor = page.locator(".exercise .run-editor")
    start = editor.input_value()
    verdict = page.locator(".exercise + div .run-verdict").element_handle()
    for answer, words in (("0.0", "half is gone"), ("log(1 / (2 ** (1 / 1000) - 1))", "✓")):
        editor.fill(start.replace("2.0", answer, 1))
        editor.press("Control+Enter")
        page.wait_for_function(
            "([e, words]) => e.textContent.includes(words)", arg=[verdict, words]
        )
    page.reload()
    assert page.locator(".run-solved").count() == 1
    page.get_by_role("button", name="Predict it first").click()
    page.get_by_role("button", name="Forget what I have solved").click()
    page.reload()
    assert not page.locator(".run-solved").count()
    page.close()
