"""Every chapter has the same anatomy, so that a reader knows his way on any page."""

import re
from pathlib import Path

import pytest
import yaml

from tests import markdown

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("rnn", "lstm", "gru", "improvements", "practice", "projects")

GOALS = '!!! abstract "After this page you can"'
SOLUTION = '??? success "Solution"'

# In this order. A page that has no use for one says so, with the reason, in its front matter:
#     without:
#       In equations: the page before has them
NEEDED = (
    "In words",
    "In a picture",
    "In equations",
    "In code",
    "In the package",
    "Pitfalls",
    "Exercises",
    "Further reading",
)
ORDER = (*NEEDED[:5], "Measured", *NEEDED[5:])  # a page that claims nothing measures nothing

EXERCISES = 3
EXAMPLES = 2  # snippets besides the solutions
GATE_PAGES = {"memory-cell", "forget-gate", "input-gate", "output-gate", "hidden-units"}
WORDS = 950  # "about 900"

IMAGE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]*)[^)]*\)")
FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n", re.DOTALL)


def chapters(root):
    found = [page for part in PARTS for page in (root / "docs" / part).glob("*.md")]
    return sorted(page for page in found if page.name != "index.md")


def problems(root, page):
    """Return what a chapter lacks, each a sentence that starts with the page's name."""
    text = page.read_text(encoding="utf-8")
    without, text = exceptions(text)
    parts = markdown.sections(text)
    found = [
        *problems_of_order([name for name, _ in parts], without),
        *problems_of_goals(parts[0][1]),
        *problems_of_figures(root, page, text),
        *problems_of_snippets(page, text),
    ]
    for name, body in parts[1:]:
        found += problems_of_section(name, body, page)
    if page.parent.name == "lstm" and page.stem in GATE_PAGES and words(text) > WORDS:
        found.append(f"has {words(text)} words, a gate page has at most about 900")
    return [f"{page.relative_to(root).as_posix()}: {problem}" for problem in found]


def exceptions(text):
    """Return the sections that a page goes without, and the page without its front matter."""
    front = FRONT_MATTER.match(text)
    if not front:
        return {}, text
    return (yaml.safe_load(front["yaml"]) or {}).get("without", {}), text[front.end() :]


def problems_of_order(names, without):
    for name, reason in without.items():
        if name not in NEEDED:
            yield f"goes without '{name}', which is no section"
        if len(str(reason or "").split()) < 3:
            yield f"goes without '{name}', and does not say why"
    for name in NEEDED:
        if name not in names and name not in without:
            yield f"lacks the section '## {name}'"
    here = [name for name in names if name in ORDER]
    if here != sorted(set(here), key=ORDER.index):
        yield f"has its sections in another order than {', '.join(ORDER)}"


def problems_of_goals(top):
    if not re.search(r"^# \S", markdown.prose(top), re.MULTILINE):
        yield "lacks a title"
    _, found, after = top.partition(f"{GOALS}\n")
    if not found or not re.match(r"\s*\n?    - \S", after):
        yield f"does not start with {GOALS} and a list"


def problems_of_figures(root, page, text):
    docs = root / "docs"
    for image in IMAGE.finditer(markdown.prose(text)):
        target = image["target"].partition("#")[0]
        if len(image["alt"].split()) < 4:
            yield f"{target}: its alt text {image['alt']!r} does not say what is seen"
        # docs/_hooks/assets.py adds the folder images/ to the site.
        path = (page.parent / target).resolve().relative_to(docs.resolve())
        if not (root / path).is_file() and not (docs / path).is_file():
            yield f"{target}: there is no such figure"
    if "<img" in markdown.prose(text):
        yield "write ![alt text](address) for an image, not <img>"


def problems_of_snippets(page, text):
    shown = {
        found[1]
        for block in markdown.blocks(text)
        if block.include and (found := re.match(r"(.*)_(?:numpy|torch)\.py$", block.include))
    }
    examples = {name for name in shown if not name.rpartition("/")[2].startswith("exercise_")}
    if len(examples) < EXAMPLES:
        yield f"shows fewer than {EXAMPLES} snippets besides the solutions"


def problems_of_section(name, body, page):
    blocks = markdown.blocks(body)
    if name in ORDER and not body.strip():
        yield f"'## {name}' is empty"
    if name == "In a picture" and not IMAGE.search(markdown.prose(body)):
        yield "'## In a picture' holds no figure"
    if name == "In equations" and "$" not in body:
        yield "'## In equations' holds no formula"
    if name == "In code" and not any(block.include for block in blocks):
        yield "'## In code' shows no snippet"
    if name == "In the package" and not any(block.language == "package" for block in blocks):
        yield "'## In the package' shows no lines of the package"
    if name == "Measured" and not IMAGE.search(markdown.prose(body)):
        yield "'## Measured' holds no figure"
    if name == "Further reading" and "](" not in body:
        yield "'## Further reading' links to nothing"
    if name == "Exercises":
        yield from problems_of_exercises(body, page)


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


def words(text):
    """Count the words of the prose: no code, no formulas, no addresses."""
    text = markdown.prose(text)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", " ", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)|<[^>]*>|\{[^}]*\}", " ", text)
    return sum(any(map(str.isalnum, word)) for word in text.split())


# The book


@pytest.mark.parametrize("page", chapters(ROOT), ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_chapter_has_the_anatomy(page):
    found = problems(ROOT, page)
    assert not found, "\n" + "\n".join(found)


def test_every_gate_has_its_page():
    # Without chapters the test above would hold of nothing.
    assert {page.stem for page in chapters(ROOT) if page.parent.name == "lstm"} >= GATE_PAGES


def test_glossary_is_in_order_and_every_word_has_its_page():
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r"^([^\n]+)\n:   (.+?)(?=\n\n|\n?\Z)", text, re.MULTILINE | re.DOTALL)
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

    - say what it does

## In words

It forgets.

## In a picture

![A cell with its forget gate drawn in colour](../images/lstm/forget-gate.svg)

## In equations

$$ c_t = f_t c_{{t-1}} $$

## In code

```python
--8<-- "lstm/forget-gate/force_numpy.py"
```

```python
--8<-- "lstm/forget-gate/watch_torch.py"
```

## In the package

```package
rnn_book.numpy.lstm:LSTMStep.step
c = f
```

## Measured

![Two curves that part after ten steps](../images/lstm/forget-gate.svg)

## Pitfalls

None.

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


@pytest.mark.parametrize("name", ORDER)
def test_a_missing_section_is_found(tmp_path, name):
    parts = markdown.sections(PAGE)
    text = parts[0][1] + "".join(f"\n## {n}\n{body}" for n, body in parts[1:] if n != name)
    expected = f"docs/lstm/forget-gate.md: lacks the section '## {name}'"
    assert (expected in plant(tmp_path, text)) == (name in NEEDED)


@pytest.mark.parametrize("name", NEEDED)
def test_an_empty_section_is_found(tmp_path, name):
    parts = markdown.sections(PAGE)
    text = parts[0][1] + "".join(f"\n## {n}\n{body * (n != name)}" for n, body in parts[1:])
    assert f"docs/lstm/forget-gate.md: '## {name}' is empty" in plant(tmp_path, text)


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("# The forget gate\n", "", "lacks a title"),
        (GOALS, '!!! note "Goals"', "does not start with"),
        ("    - say what it does", "", "does not start with"),
        ("## In words", "## Pitfalls\n\nNone.\n\n## In words", "in another order"),
        ("## In words", "```text\n## In words\n```", "lacks the section '## In words'"),
        ("## In words", "<!--\n## In words\n-->", "lacks the section '## In words'"),
        ("![A cell with its forget gate drawn in colour]", "![gate]", "alt text 'gate'"),
        ("../images/lstm/forget-gate.svg", "../images/lstm/no.svg", "there is no such figure"),
        ("![Two", "[Two", "'## Measured' holds no figure"),
        ("![A cell", "[A cell", "'## In a picture' holds no figure"),
        ("None.", '<img src="x">', "not <img>"),
        ("$$", "", "holds no formula"),
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
        ("It forgets.\n\n## In a", "It forgets. " * 500 + "\n\n## In a", "at most about 900"),
    ],
)
def test_a_planted_fault_is_found(tmp_path, old, new, words):
    assert old in PAGE
    found = plant(tmp_path, PAGE.replace(old, new))
    assert any(p.startswith("docs/lstm/forget-gate.md: ") and words in p for p in found), found


def test_a_section_is_left_out_with_a_reason(tmp_path):
    text = PAGE.replace("## In equations\n\n$$ c_t = f_t c_{t-1} $$\n", "")
    front = "---\nwithout:\n  In equations: the page before has them\n---\n"
    assert plant(tmp_path, front + text) == []


@pytest.mark.parametrize(
    "front, words",
    [
        ("In equations:", "does not say why"),
        ("Equations: the page before has them", "which is no section"),
    ],
)
def test_a_section_is_not_left_out_without_a_reason(tmp_path, front, words):
    found = plant(tmp_path, f"---\nwithout:\n  {front}\n---\n{PAGE}")
    assert any(words in problem for problem in found)


def test_other_pages_may_be_long(tmp_path):
    assert plant(tmp_path, PAGE.replace("None.", "None. " * 2000), "variants") != []
    assert not any("words" in p for p in problems(tmp_path, tmp_path / "docs/lstm/variants.md"))


def test_only_prose_is_counted():
    text = (
        "One *two* [three](https://x.y/z) $a b$ — \n```text\na b\n```\n<!-- a b -->\n$$\na b\n$$\n"
    )
    assert words(text) == 3
