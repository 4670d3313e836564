"""Read the Markdown of a page as far as the tests need it: fenced blocks, tabs, includes."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.hooks import hook

PARTS = ("rnn", "lstm", "gru", "improvements", "practice", "projects")  # folders of chapters

FRONT_MATTER = re.compile(r"\A---\n(?P<yaml>.*?)\n---\n", re.DOTALL)
FENCE = re.compile(r"^(?P<indent>[\s>]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
TAB = re.compile(r'^(?P<indent>\s*)===[!+]*\s+"(?P<label>[^"]*)"')
INCLUDE = re.compile(r'^\s*-+8<-+\s+(?P<quote>["\'])(?P<target>.*)(?P=quote)[ \t]*\Z')
MARKER = re.compile(r"^\s*-+8<-+")  # an include in any form


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text without indentation, where it stands."""

    language: str
    text: str
    line: int
    tab: str | None

    @property
    def include(self) -> str | None:
        """The file that the block consists of, if it is one include and nothing else."""
        found = INCLUDE.match(self.text)
        return found["target"] if found else None


def blocks(text: str) -> list[Block]:
    """Return all fenced blocks of a page, in order."""
    found: list[Block] = []
    tab: tuple[int, str] | None = None
    lines = iter(enumerate(without_comments(text).splitlines(), start=1))
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        if tab and line.strip() and indent <= tab[0]:
            tab = None
        if label := TAB.match(line):
            tab = (indent, label["label"])
        if opening := FENCE.match(line):
            inside = []
            for _, inner in lines:
                if _closes(inner, opening["fence"]):
                    break
                inside.append(inner)
            language = re.match(r"[{\s.]*([\w+#-]*)", opening["info"])
            found.append(
                Block(
                    language=language[1].lower() if language else "",
                    text=textwrap.dedent("\n".join(inside)).rstrip("\n"),
                    line=number,
                    tab=tab[1] if tab else None,
                )
            )
    return found


def _closes(line: str, fence: str) -> bool:
    mark = line.strip(" \t>")
    return mark.startswith(fence) and not mark.strip(fence[0])


def includes(text: str) -> list[tuple[int, str | None]]:
    """Return line and target of every include, also outside fences; None for another notation."""
    found: list[tuple[int, str | None]] = []
    for number, line in enumerate(without_comments(text).splitlines(), start=1):
        if MARKER.match(line):
            target = INCLUDE.match(line)
            found.append((number, target["target"] if target else None))
    return found


def without_comments(text: str) -> str:
    """Blank out HTML comments: what stands in them is not shown. Line numbers stay."""
    return re.sub(r"<!--.*?-->", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)


def prose(text: str) -> str:
    """Blank out comments and fenced blocks. Line numbers stay."""
    lines = without_comments(text).split("\n")
    end = ""
    for number, line in enumerate(lines):
        opening = FENCE.match(line)
        if end:
            end = "" if _closes(line, end) else end
        elif opening:
            end = opening["fence"]
        else:
            continue
        lines[number] = ""
    return "\n".join(lines)


def sections(text: str, mark: str = "##") -> list[tuple[str, str]]:
    """Split a page at its headings of one level; what stands before the first has the name ""."""
    lines = text.split("\n")
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line, plain in zip(lines, prose(text).split("\n"), strict=True):
        if plain.startswith(f"{mark} "):
            parts.append((re.sub(r"\s*\{[^}]*\}\s*$", "", plain.removeprefix(mark)).strip(), []))
        else:
            parts[-1][1].append(line)
    return [(name, "\n".join(body)) for name, body in parts]


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split a page into its front matter, if it has one, and the rest."""
    front = FRONT_MATTER.match(text)
    return (yaml.safe_load(front["yaml"]) or {}, text[front.end() :]) if front else ({}, text)


def glossary(root: Path) -> list[tuple[str, str]]:
    """Return word and meaning of every entry of a checkout's glossary, in order."""
    text = (root / "docs/reference/glossary.md").read_text(encoding="utf-8")
    return hook("terms").ENTRY.findall(text)


def pages(root: Path) -> list[Path]:
    """Return the Markdown pages of the book below a checkout."""
    docs = root / "docs"
    hidden = {"snippets", "_hooks", "assets"}
    return sorted(
        page for page in docs.rglob("*.md") if page.relative_to(docs).parts[0] not in hidden
    )
