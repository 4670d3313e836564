"""The reader of pages that the tests on pages rest on."""

import pytest

from tests import markdown


@pytest.mark.parametrize(
    "opening, language",
    [
        ("```python", "python"),
        ("~~~ py", "py"),
        ('``` python title="a"', "python"),
        ("```{ .python .no-copy }", "python"),
        ("````PYTHON", "python"),
        ("> ```pycon", "pycon"),
        ("```", ""),
    ],
)
def test_a_fence_is_read(opening, language):
    mark = opening.strip("> ").split(" ")[0].rstrip("abcdefghijklmnopqrstuvwxyzPYTHON{")
    text = f"a\n{opening}\n\nx = 1\n{mark}\ny = 2\n"
    assert markdown.blocks(text) == [markdown.Block(language, "\nx = 1", 2, None)]


def test_a_fence_ends_at_a_mark_of_its_kind_and_length():
    text = "````text\n```\n~~~~\na\n`````\n```python\nb\n```\n"
    assert [block.text for block in markdown.blocks(text)] == ["```\n~~~~\na", "b"]
    assert [block.text for block in markdown.blocks("```text\n```python\n```\n")] == ["```python"]


def test_a_tab_ends_where_its_indentation_ends():
    text = '=== "NumPy"\n\n    ```text\n    a\n    ```\n\n```text\nb\n```\n'
    text = f'{text}\n=== "PyTorch"\n\nprose\n\n    ```text\n    c\n    ```\n'
    assert [(block.text, block.tab) for block in markdown.blocks(text)] == [
        ("a", "NumPy"),
        ("b", None),
        ("c", None),
    ]


@pytest.mark.parametrize(
    "inside, target",
    [
        ('--8<-- "a/b.py"', "a/b.py"),
        ("-8<- 'a/b.py'", "a/b.py"),
        ('--8<-- "a/b.py"\nx = 1', None),
        ('x = 1\n--8<-- "a/b.py"', None),
        ("x = 1", None),
    ],
)
def test_a_block_is_an_include_when_it_is_nothing_else(inside, target):
    (block,) = markdown.blocks(f"```python\n{inside}\n```\n")
    assert block.include == target


def test_comments_are_not_read():
    text = '<!--\n```python\n--8<-- "a.py"\n```\n## a\n-->\n## b\n--8<-- "c.py"\n'
    assert markdown.blocks(text) == []
    assert markdown.includes(text) == [(8, "c.py")]
    assert [name for name, _ in markdown.sections(text)] == ["", "b"]


def test_sections_keep_every_line():
    text = "# t\n\n## a {#id}\nb\n```text\n## c\n```\n### d\n## e\n"
    parts = markdown.sections(text)
    assert parts == [("", "# t\n"), ("a", "b\n```text\n## c\n```\n### d"), ("e", "")]


def test_pages_are_what_the_site_shows(tmp_path):
    for name in ("index.md", "lstm/gate.md", "snippets/a.md", "_hooks/b.md", "assets/c.md"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# a\n")
    names = [page.relative_to(tmp_path / "docs").as_posix() for page in markdown.pages(tmp_path)]
    assert names == ["index.md", "lstm/gate.md"]
