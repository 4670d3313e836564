"""Terms and letters of gates and states say what they mean where a page first uses them.

The words come from the glossary. A term is left alone on the page that explains it, in headings,
links, code, tables and folds; and of a page's terms the rarest are taken, so that it stays calm:
a word that stands on every page needs no reminder.
"""

from __future__ import annotations

import functools
import html
import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from formulas import words
from mkdocs.utils import get_relative_url

GLOSSARY = "reference/glossary.md"
FOLDERS = ("rnn/", "lstm/", "gru/", "improvements/", "practice/", "projects/", "labs/")
MOST = 12

# Terms that are also everyday words, and that pages use as such.
EVERYDAY = {
    *("Candidate", "Carry", "Evaluation", "Lengths", "State", "Temperature", "Update", "Window"),
}
# Words of other meanings that a machine cannot tell from the term's.
AMBIGUOUS = {"Cell", "Context", "Greedy", "Head", "Mask", "Norm", "Query", "Rank", "Unit", "Weight"}

ENTRY = re.compile(r"^([^\n]+)\n:   (.+?)(?=\n\n|\n?\Z)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\(([^)#]+)[^)]*\)")
EXPLAINED = re.compile(r"explained on \[([^\]]*)\]\(([^)#]+)")
SYMBOL = re.compile(r"\$(\\[a-z](?:gate|state))\$: ")
# The end of an entry: where it is explained. The reader gets a link for it.
LEADS = re.compile(
    r"[.,;:]?\s*(?:\b(?:(?:first )?used on|named on|explained on|that of an LSTM on)\s+)?"
    r"\[[^\]]*\]\([^)]*\).*\Z",
    re.IGNORECASE | re.DOTALL,
)

TOKEN = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
FORMULA = re.compile(r'<span class="arithmatex">(.*?)</span>', re.DOTALL)
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
TEXT = {"p", "li", "dd"}
OTHER = {
    *("a", "abbr", "button", "code", "details", "dt", "fieldset", "figcaption", "form", "label"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "nav", "pre", "script", "style", "svg", "table"),
}
WHOLE = {"pre", "script", "style"}  # in which none of their own kind can stand
OTHER_CLASS = re.compile(r'class="[^"]*\b(?:abstract|admonition-title|arithmatex|doc)\b')


@dataclass(frozen=True)
class Term:
    """An entry of the glossary: its names, what it means in plain words, and who explains it."""

    word: str
    pattern: re.Pattern
    is_letter: bool
    meaning: str
    homes: tuple[str, ...]
    home: str
    title: str


@dataclass(frozen=True)
class Run:
    """A stretch of a page's text, or a formula in it, and the paragraph that it stands in."""

    start: int
    text: str
    is_formula: bool
    paragraph: int


_terms: list[Term] = []


def on_files(files, config):
    docs = Path(config.docs_dir)
    texts = [
        (docs / file.src_uri).read_text(encoding="utf-8")
        for file in files.documentation_pages()
        if file.src_uri.startswith(FOLDERS) and (docs / file.src_uri).is_file()
    ]
    glossary = docs / GLOSSARY
    _terms[:] = read(glossary.read_text(encoding="utf-8"), texts) if glossary.is_file() else []
    return files


def on_page_content(content, page, config, files):
    uri = page.file.src_uri
    if not uri.startswith(FOLDERS):
        return content

    def explained(inside: str, term: Term) -> str:
        home = files.get_file_from_path(term.home)
        link = f' data-page="{get_relative_url(home.url, page.url)}"' if home else ""
        return (
            f'<abbr class="term" tabindex="0" title="{html.escape(term.meaning)}"{link}'
            f' data-chapter="{html.escape(term.title)}">{inside}</abbr>'
        )

    return mark(content, [term for term in _terms if uri not in term.homes], explained)


def read(glossary: str, pages: list[str]) -> list[Term]:
    """Return the terms of a glossary, those first that the fewest pages use."""
    found = []
    for word, entry in ENTRY.findall(glossary):
        links = LINK.findall(entry)
        if word in EVERYDAY or word in AMBIGUOUS or not links:
            continue
        homes = tuple(_from_docs(page) for _, page in links)
        best = EXPLAINED.search(entry)
        title, home = best.groups() if best else links[0]
        where = (homes, _from_docs(home), " ".join(title.split()))
        found.append(Term(word, names(word), False, plain(entry), *where))
        if letter := SYMBOL.match(entry):
            pattern = re.compile(re.escape(letter[1]) + r"(?:_\{?\w+\}?)?\Z")
            meaning = f"{word}: {plain(entry[letter.end() :])}"
            found.append(Term(letter[1], pattern, True, meaning, *where))
    texts = [(page, page.lower()) for page in pages]
    count = {
        term.word: sum(bool(first(term.word, names(term.word), *text)) for text in texts)
        for term in found
    }
    return sorted(found, key=lambda term: (count[term.word], term.word))


def names(word: str) -> re.Pattern:
    """Return what finds a term. Of an abbreviation the capitals count: a gru is a bird."""
    each = [name.strip() for name in word.split(",")]
    either = "|".join(
        re.escape(name) if name.isupper() or "\\" in name else f"(?i:{re.escape(name)})"
        for name in each
    )
    return re.compile(rf"(?<![\w-])(?:{either})(?:s|es)?(?![\w-])".replace(r"\ ", r"\s+"))


# While pages are served, most texts are those of the build before.
@functools.lru_cache(maxsize=1 << 16)
def first(word: str, pattern: re.Pattern, text: str, lowered: str) -> re.Match | None:
    """Search for a term; where the first word of none of its names stands, that takes no time."""
    if any(name.split()[0].lower() in lowered for name in word.split(",")):
        return pattern.search(text)
    return None


def plain(entry: str) -> str:
    """Return what an entry says, without its links, and with its formulas as words."""
    text = re.sub(r"\$([^$]+)\$", lambda tex: words(tex[1]), LEADS.sub("", entry))
    return " ".join(text.replace("`", "").split()).rstrip(".;,: ") + "."


@functools.lru_cache(maxsize=256)
def runs(content: str) -> tuple[Run, ...]:
    """Return the running text of a page: no headings, links, code, tables, or folds."""
    found: list[Run] = []
    stack: list[tuple[str, bool]] = []  # what is open, and whether it is no running text
    paragraph = at = 0

    def add(start: int, text: str, *, is_formula: bool = False) -> None:
        inside = [tag for tag, _ in stack]
        if text.strip() and TEXT.intersection(inside) and not any(other for _, other in stack):
            found.append(Run(start, text, is_formula, paragraph))

    while token := TOKEN.search(content, at):
        add(at, content[at : token.start()])
        at = token.end()
        if formula := FORMULA.match(content, token.start()):
            add(formula.start(), formula[0], is_formula=True)
            at = formula.end()
            continue
        if token[0].startswith("<!--"):
            continue
        tag = re.match(r"</?([\w-]+)", token[0])[1].lower()
        if token[0].startswith("</"):
            while stack and stack.pop()[0] != tag:
                pass
        elif tag not in VOID and not token[0].endswith("/>"):
            stack.append((tag, tag in OTHER or bool(OTHER_CLASS.search(token[0]))))
            paragraph += tag in TEXT
            if tag in WHOLE:
                at = max(at, content.find(f"</{tag}", at))
    return tuple(found)


def mark(content: str, terms: list[Term], explained: Callable[[str, Term], str]) -> str:
    """Explain the first use of terms, the rarest before others, in a page's text."""
    found = runs(content)
    formulas = [run for run in found if run.is_formula]
    prose = [run for run in found if not run.is_formula]
    # Joined by what is in no term, so that a term is looked for once.
    text = "\0".join(run.text for run in prose)
    lowered = text.lower()
    starts = [0, *accumulate(len(run.text) + 1 for run in prose)]
    places: list[tuple[int, int, Term]] = []
    full: list[int] = []
    for term in terms:
        if len(places) == MOST:
            break
        if term.is_letter:
            run = next((run for run in formulas if term.pattern.match(_tex(run))), None)
            if run is None:
                continue
            start, end = 0, len(run.text)
        else:
            match = first(term.word, term.pattern, text, lowered)
            if match is None:
                continue
            number = bisect_right(starts, match.start()) - 1
            run = prose[number]
            start, end = (at - starts[number] for at in match.span())
        place = (run.start + start, run.start + end)
        meets = any(place[0] < other[1] and other[0] < place[1] for other in places)
        # One in a paragraph is a help, and five are noise.
        if not meets and full.count(run.paragraph) < 2:
            places.append((*place, term))
            full.append(run.paragraph)
    for start, end, term in sorted(places, key=lambda place: place[0], reverse=True):
        content = content[:start] + explained(content[start:end], term) + content[end:]
    return content


def _tex(run: Run) -> str:
    return html.unescape(FORMULA.sub(r"\1", run.text))


def _from_docs(page: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(GLOSSARY), page))
