"""What every chapter holds, in whatever order and under whatever headings serve it."""

import re
import textwrap
from pathlib import Path

import pytest

from tests import markdown

ROOT = Path(__file__).resolve().parent.parent

GOALS = '!!! abstract "After this page you can"'
SOLUTION = '??? success "Solution"'
LAST = ["Exercises", "Further reading"]  # the only headings that have the same name everywhere

# What a page may go without, if it says why in its front matter:
#     without:
#       formula: the page before has them
OPTIONAL = {"figure", "formula", "snippets", "package", "exercises"}

GOALS_AT_MOST = 3
EXERCISES = 3
EXAMPLES = 2  # snippets besides the solutions

IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]*)[^)]*\)")
CAPTION = re.compile(
    r"(?:\{[^}]*\})?\s*\n\n(?P<indent> *)/// figure-caption \| #fig-[a-z0-9-]+\n"
    r"(?P<text>.*?)\n(?P=indent)///$",
    re.MULTILINE | re.DOTALL,
)


def chapters(root):
    found = [page for part in markdown.PARTS for page in (root / "docs" / part).glob("*.md")]
    return sorted(page for page in found if page.name != "index.md")


def problems(root, page):
    """Return what a chapter lacks, each a sentence that starts with the page's name."""
    text = page.read_text(encoding="utf-8")
    without, text = exceptions(text)
    top, *parts = markdown.sections(text)
    sections = dict(parts)
    checks = {
        "figure": problems_of_figures(root, page, text),
        "formula": [] if "$" in markdown.prose(text) else ["holds no formula"],
        "snippets": problems_of_snippets(text),
        "package": problems_of_listings(text),
        "exercises": problems_of_exercises(sections.get("Exercises", ""), page),
    }
    found = [
        *problems_of_exceptions(without),
        *problems_of_goals(top[1]),
        *problems_of_headings([name for name, _ in parts], without),
        *(problem for name, some in checks.items() if name not in without for problem in some),
    ]
    if "](" not in sections.get("Further reading", ""):
        found.append("'## Further reading' links to nothing")
    return [f"{page.relative_to(root).as_posix()}: {problem}" for problem in found]


def exceptions(text):
    """Return what a page goes without, and the page without its front matter."""
    front, rest = markdown.front_matter(text)
    return front.get("without", {}), rest


def problems_of_exceptions(without):
    for name, reason in without.items():
        if name not in OPTIONAL:
            yield f"goes without '{name}', which is none of {', '.join(sorted(OPTIONAL))}"
        if len(str(reason or "").split()) < 3:
            yield f"goes without '{name}', and does not say why"


def problems_of_goals(top):
    if not re.search(r"^# \S", markdown.prose(top), re.MULTILINE):
        yield "lacks a title"
    _, found, after = top.partition(f"{GOALS}\n")
    goals = re.match(r"(\s*\n)?((    - .*\n|      .*\n)*)", after)[2]
    count = len(re.findall(r"^    - \S", goals, re.MULTILINE))
    if not found or not count:
        yield f"does not start with {GOALS} and a list"
    if count > GOALS_AT_MOST:
        yield f"has {count} goals, at most {GOALS_AT_MOST}"
    if found and not re.search(r"^\w", markdown.prose(after[len(goals) :]), re.MULTILINE):
        yield "opens with no sentence between its goals and its first heading"


def problems_of_headings(names, without):
    last = [name for name in LAST if name.lower() not in without]
    if names[-len(last) :] != last:
        yield f"does not end with the sections {' and '.join(last)}"
    if len(names) < len(last) + 2:
        yield "tells nothing by its headings: it has fewer than two besides the last"


def problems_of_figures(root, page, text):
    docs = root / "docs"
    told = text.partition("\n## Exercises")[0]
    if not IMAGE.search(markdown.prose(told)):
        yield "shows no figure before its exercises"
    for image in IMAGE.finditer(markdown.prose(text)):
        target = image["target"].partition("#")[0]
        if len(image["alt"].split()) < 4:
            yield f"{target}: its alt text {image['alt']!r} does not say what is seen"
        # docs/_hooks/assets.py adds the folder images/ to the site.
        path = (page.parent / target).resolve().relative_to(docs.resolve())
        if not (root / path).is_file() and not (docs / path).is_file():
            yield f"{target}: there is no such figure"
    yield from problems_of_captions(text)
    if "<img" in markdown.prose(text):
        yield "write ![alt text](address) for an image, not <img>"


def problems_of_captions(text):
    told = markdown.prose(text)
    for image in IMAGE.finditer(told):
        caption = CAPTION.match(told, image.end())
        if not caption:
            yield f"{image['target']}: no caption follows it ('/// figure-caption | #fig-name')"
        elif len(caption["text"].split()) < 4 or caption["text"].strip() == image["alt"]:
            yield f"{image['target']}: its caption does not say what to see in it"


def problems_of_snippets(text):
    shown = {
        found[1]
        for block in markdown.blocks(text)
        if block.include and (found := re.match(r"(.*)_(?:numpy|torch)\.py$", block.include))
    }
    examples = {name for name in shown if not name.rpartition("/")[2].startswith("exercise_")}
    if len(examples) < EXAMPLES:
        yield f"shows fewer than {EXAMPLES} snippets besides the solutions"


def problems_of_listings(text):
    if not any(block.language == "package" for block in markdown.blocks(text)):
        yield "shows no lines of the package"


def problems_of_exercises(body, page):
    _, *exercises = markdown.sections(body, "###")
    if len(exercises) != EXERCISES:
        yield f"has {len(exercises)} exercises ('### Exercise 1'), not {EXERCISES}"
    for number, (title, text) in enumerate(exercises, start=1):
        if not re.match(rf"Exercise {number}(:|$)", title):
            yield f"'### {title}' should be '### Exercise {number}', a title may follow a colon"
        question, *solutions = text.split(f"{SOLUTION}\n")
        if len(solutions) != 1 or "???+" in text:
            yield f"exercise {number} has not one folded {SOLUTION}"
        elif not question.strip():
            yield f"exercise {number} asks nothing"
        # Indented, so inside the fold.
        file = (
            rf'^ {{4,}}--8<-- "{page.parent.name}/{page.stem}/exercise_{number}_(numpy|torch)\.py"'
        )
        if not re.search(file, text, re.MULTILINE):
            yield f"exercise {number} is not solved by exercise_{number}_numpy.py or _torch.py"


# The book


@pytest.mark.book
@pytest.mark.parametrize("page", chapters(ROOT), ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_chapter_holds_what_chapters_hold(page):
    found = problems(ROOT, page)
    assert not found, "\n" + "\n".join(found)


def test_every_gate_has_its_page():
    # Without chapters the test above would hold of nothing.
    gates = {"memory-cell", "forget-gate", "input-gate", "output-gate", "hidden-units"}
    assert {page.stem for page in chapters(ROOT) if page.parent.name == "lstm"} >= gates


@pytest.mark.book
def test_an_equation_with_a_label_is_referred_to():
    pages = {page: markdown.prose(page.read_text("utf-8")) for page in chapters(ROOT)}
    for page, text in pages.items():
        for label in re.findall(r"\\label\{([^}]*)\}", text):
            here = f"[Equation](#{label})" in text
            assert here or any(f"{page.name}#{label})" in other for other in pages.values()), label


@pytest.mark.book
@pytest.mark.parametrize("page", chapters(ROOT), ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_what_a_page_shows_of_the_package_is_in_the_reference(page):
    folder = ROOT / "docs" / "reference"
    modules = {
        block.text.partition(":")[0].strip()
        for block in markdown.blocks(page.read_text(encoding="utf-8"))
        if block.language == "package"
    }
    for module in modules:
        own = folder / f"{module.split('.')[1]}.md"
        reference = own if own.is_file() else folder / "shared.md"
        assert f"::: {module}\n" in reference.read_text(encoding="utf-8"), module


@pytest.mark.book
def test_glossary_is_in_order_and_every_word_has_its_page():
    entries = markdown.glossary(ROOT)
    terms = [word.lower() for word, _ in entries]
    assert len(terms) > 50
    assert terms == sorted(set(terms))
    assert [word for word, meaning in entries if not re.search(r"\]\(\.\./", meaning)] == []


# Planted pages


def exercise(number):
    return f"""### Exercise {number}: shut it

Set the gate to 0.

??? success "Solution"

    It forgets.

    ```python
    --8<-- "lstm/forget-gate/exercise_{number}_numpy.py"
    ```
"""


PAGE = f"""# The forget gate

{GOALS}

    - say what it does,
      and when

A counter that nobody can reset counts for ever. How could it start again by itself?

## One number between 0 and 1

It is multiplied: $c_t = f_t c_{{t-1}}$.

## Follow f through the cell

![A cell with its forget gate drawn in colour](../images/lstm/forget-gate.svg)

/// figure-caption | #fig-gate
The gate sits on the line of the cell state.
///

```python
--8<-- "lstm/forget-gate/force_numpy.py"
```

```python
--8<-- "lstm/forget-gate/watch_torch.py"
```

```package
rnn_book.numpy.lstm:LSTMStep.step
c = f
```

## Exercises

{exercise(1)}
{exercise(2)}
{exercise(3)}
## Further reading

- [Gers et al.](https://doi.org/10.1162/089976600300015015)
"""


def plant(root, text, name="forget-gate"):
    page = root / "docs" / "lstm" / f"{name}.md"
    page.parent.mkdir(parents=True)
    page.write_text(text)
    figure = root / "images" / "lstm" / "forget-gate.svg"
    figure.parent.mkdir(parents=True)
    figure.write_text("<svg/>")
    return problems(root, page)


def test_a_complete_page_has_no_problems(tmp_path):
    assert plant(tmp_path, PAGE) == []
    assert chapters(tmp_path) == [tmp_path / "docs/lstm/forget-gate.md"]


OPENING = "A counter that nobody can reset counts for ever. How could it start again by itself?\n"
FIGURE = """![A cell with its forget gate drawn in colour](../images/lstm/forget-gate.svg)

/// figure-caption | #fig-gate
The gate sits on the line of the cell state.
///
"""


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("# The forget gate\n", "", "lacks a title"),
        (GOALS, '!!! note "Goals"', "does not start with"),
        ("    - say what it does,\n      and when\n", "", "does not start with"),
        ("    - say", "    - a\n    - b\n    - c\n    - say", "has 4 goals"),
        (OPENING, "", "opens with no sentence"),
        (OPENING, f"<!-- {OPENING} -->\n", "opens with no sentence"),
        ("## One number between 0 and 1\n", "", "fewer than two besides the last"),
        ("## Exercises", "## Questions", "does not end with the sections"),
        ("## Further reading", "## More\n\n## Further reading", "does not end with the sections"),
        ("## Further reading", "```text\n## Further reading\n```", "does not end with the"),
        ("## Exercises", "<!--\n## Exercises\n-->", "does not end with the sections"),
        ("![A cell with its forget gate drawn in colour]", "![gate]", "alt text 'gate'"),
        ("../images/lstm/forget-gate.svg", "../images/lstm/no.svg", "there is no such figure"),
        ("![A cell", "[A cell", "shows no figure before its exercises"),
        (FIGURE, '<img src="x">\n', "not <img>"),
        ("/// figure-caption | #fig-gate\n", "", "no caption follows it"),
        (" | #fig-gate", "", "no caption follows it"),
        ("| #fig-gate", "| #gate", "no caption follows it"),
        ("state.\n///\n", "state.\n", "no caption follows it"),
        ("The gate sits on the line of the cell state.", "A gate.", "does not say what to see"),
        ("$", "", "holds no formula"),
        ("watch_torch", "exercise_1_torch", "fewer than 2 snippets"),
        ("watch_torch", "force_torch", "fewer than 2 snippets"),
        ("```package", "```text", "no lines of the package"),
        (exercise(2), "", "has 2 exercises"),
        ("### Exercise 2", "### Exercise 5", "should be '### Exercise 2'"),
        (exercise(2), exercise(2).replace("???", "!!!"), "exercise 2 has not one folded"),
        (exercise(2), exercise(2).replace("???", "???+"), "exercise 2 has not one folded"),
        (exercise(2), exercise(2).replace("exercise_2", "answer"), "exercise 2 is not solved"),
        ("Set the gate to 0.", "", "exercise 1 asks nothing"),
        ("](https:", ": (https:", "links to nothing"),
    ],
)
def test_a_planted_fault_is_found(tmp_path, old, new, words):
    assert old in PAGE
    found = plant(tmp_path, PAGE.replace(old, new))
    assert any(p.startswith("docs/lstm/forget-gate.md: ") and words in p for p in found), found


def test_a_figure_of_a_solution_is_not_the_pages(tmp_path):
    moved = PAGE.replace(FIGURE, "").replace(
        "It forgets.\n", f"It forgets.\n\n{textwrap.indent(FIGURE, '    ')}", 1
    )
    assert any("no figure before its exercises" in p for p in plant(tmp_path, moved))


LEFT_OUT = {
    "figure": (FIGURE, ""),
    "formula": (": $c_t = f_t c_{t-1}$", ""),
    "snippets": ("watch_torch", "force_torch"),
    "package": ("```package", "```text"),
    "exercises": (PAGE[PAGE.index("## Exercises") : PAGE.index("## Further")], ""),
}


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_something_is_left_out_with_a_reason_and_not_without(tmp_path, name):
    text = PAGE.replace(*LEFT_OUT[name])
    assert text != PAGE
    assert plant(tmp_path / "a", text)
    reason = f"---\nwithout:\n  {name}: the page before has it\n---\n"
    assert plant(tmp_path / "b", reason + text) == []


@pytest.mark.parametrize(
    "front, words",
    [
        ("formula:", "does not say why"),
        ("goals: the page before has them", "which is none of"),
    ],
)
def test_nothing_else_is_left_out(tmp_path, front, words):
    found = plant(tmp_path, f"---\nwithout:\n  {front}\n---\n{PAGE}")
    assert any(words in problem for problem in found)


def test_the_template_of_contributing_is_a_chapter(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (template,) = re.findall(r"^````markdown\n(---\n.*?)^````$", text, re.MULTILINE | re.DOTALL)
    for number in (2, 3):
        include = f'    --8<-- "lstm/forget-gate/exercise_{number}_numpy.py"\n'
        solution = f"Asks.\n\n{SOLUTION}\n\n    ```python\n{include}    ```\n"
        template = re.sub(rf"^… .*exercise_{number}_.*\n", solution, template, flags=re.MULTILINE)
    assert plant(tmp_path, template) == []
