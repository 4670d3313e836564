"""What the search finds, in which order, and when its index is loaded.

Material asks for the index on every page, though few readers search. Here its script waits until
the search is opened, or a page is opened from a result.
"""

from __future__ import annotations

import builtins
import html
import json
import keyword
import logging
import re
from pathlib import Path

import offline
from mkdocs.structure.files import File

log = logging.getLogger("mkdocs.plugins.search")

BUNDLE = re.compile(r"assets/javascripts/bundle\.\w+\.min\.js$")
# The request, and an observable of the same script that waits for the search to be opened.
ASKS = re.compile(r'\w+\(new URL\("search/search_index\.json",\w+\.base\)\)')
WAITS = re.compile(
    r'(?P<any>[\w$]+\([\w$]+\()location\.protocol!=="file:"(?P<opened>\),\w+\("search"\)\)'
    r"\.pipe\(\w+\(\w=>\w\),\w+\(\(\)=>)\w+\)\)"
)
SHARED = re.compile(r"\.pipe\([^;]{0,60}__index\),(?P<replay>\w+\(1\))\)")
# The words of a result are a list of no links: no landmark, of which each would need a name.
WORDS_IN_RESULT = '"nav",{class:"md-tags"}'
FROM_RESULT = r"/[?&][hq]=/.test(location.search)"

# A chapter comes before what only lists its words.
BOOSTS = {"reference": 0.1, "about": 0.1, "labs": 0.5, "projects": 0.8}
# Words that a reader looks for and that a page's title does not hold.
WORDS = {
    "rnn/backpropagation-through-time.md": ("BPTT", "TBPTT", "truncated backpropagation"),
    "rnn/vanishing-gradients.md": ("vanishing", "exploding", "clipping"),
    "rnn/first-training.md": ("training loop",),
    "lstm/forget-gate.md": ("forget bias",),
    "lstm/variants.md": ("peephole", "CIFG"),
    "lstm/hidden-units.md": ("number of parameters", "hidden size"),
    "lstm/in-practice.md": ("nn.LSTM", "state_dict", "bias_ih_l0", "c_n", "h_n"),
    "improvements/recurrent-dropout.md": ("zoneout", "variational dropout"),
    "improvements/bidirectional.md": ("bidirectional", "BiLSTM"),
    "improvements/layer-normalisation.md": ("LayerNorm", "layer normalization"),
    "practice/task-shapes.md": ("many to one", "many to many"),
    "practice/encoder-decoder-attention.md": (
        "seq2seq",
        "sequence to sequence",
        "teacher forcing",
        "attention",
        "beam search",
    ),
    "practice/using-the-layers.md": ("padding", "PackedSequence"),
}

# What is left out, so that the index stays small: sources and signatures of the reference,
# the code of labs, solutions, what snippets print, rules of verdicts, and tables of numbers.
SOURCE = re.compile(r'<details class="mkdocstrings-source"')
OUTPUT = re.compile(r'<div class="language-text highlight"')
SOLUTION = re.compile(r'<details class="success"')
RULE = re.compile(r'<details class="\w+"(?=>\s*<summary>How it was decided<)')
NUMBERS = re.compile(r"<table(?=>\s*<thead>(?:(?!</thead>).)*text-align: right)", re.DOTALL)
ANY_CODE = re.compile(r"<pre\b")
WITHOUT_CODE = ("reference/", "labs/")
# Of other code the names are kept, each once a page; of an object its first paragraph and the
# names of its parameters.
CODE = re.compile(r"<pre\b[^>]*>(.*?)</pre>", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]\w{2,}")
OF_PYTHON = {*keyword.kwlist, *dir(builtins)}
ASIDE = re.compile(r"#.*|\"([^\"\n]*)\"")  # comments, and strings, which may be names
METHOD = re.compile(r"#rnn_book\..*[A-Z]\w*\.\w+$")  # without a docstring nobody looks for it
OBJECT = re.compile(r"^reference/.*#rnn_book\.")
TABS = re.compile(r"\bNumPyPyTorch\b|<p></p>")
# What is left out keeps its names: whoever looks for one finds all pages that show it. Sources of
# the reference hold all names there are, a formula's are letters, and those of files follow.
NAMELESS = re.compile(
    r'<details class="(?:mkdocstrings-source|downloads)".*?</details>'
    r'|<(span|div) class="formula".*?</\1>',
    re.DOTALL,
)
TAG = re.compile(r"<[^>]+>")
UNLIKE_WORDS = re.compile(r"[a-z][A-Z]|[^_]_")
LISTED = re.compile(r"\b(?:PARAMETER|ATTRIBUTE|RETURNS|RAISES|YIELDS) (?:TYPE )?DESCRIPTION\b")
LISTED_NAME = re.compile(r"<code>(\w+)</code> <p>(?! TYPE)")

_names: dict[str, list[str]] = {}  # of this build: a page's url -> the names that it shows


def on_files(files, config):
    _names.clear()
    if offline.is_on():
        return files  # from a file the index is a script, which loads as Material has it
    for file in [file for file in files if BUNDLE.search(file.src_uri)]:
        script = Path(file.abs_src_path).read_text(encoding="utf-8")
        asks, waits, shared = (one.search(script) for one in (ASKS, WAITS, SHARED))
        if not (asks and waits and shared):
            log.warning("Material's script has changed: its search index loads with every page.")
            continue
        later = f"{waits['any']}{FROM_RESULT}{waits['opened']}{asks[0]}),{shared['replay']})"
        files.remove(file)
        content = script.replace(asks[0], later)
        content = content.replace(WORDS_IN_RESULT, WORDS_IN_RESULT.replace("nav", "div"))
        files.append(File.generated(config, file.src_uri, content=content))
    return files


def on_page_markdown(markdown, page, config, files):
    part = page.file.src_uri.partition("/")[0]
    if part in BOOSTS:
        page.meta.setdefault("search", {}).setdefault("boost", BOOSTS[part])
    if page.file.src_uri in WORDS:
        page.meta.setdefault("tags", list(WORDS[page.file.src_uri]))
    return markdown


def on_page_content(content, page, config, files):
    _names[page.url] = names_on(content)
    left_out = [SOURCE, OUTPUT, SOLUTION, RULE, NUMBERS]
    if page.file.src_uri.startswith(WITHOUT_CODE):
        left_out.append(ANY_CODE)
    for tag in left_out:
        content = tag.sub(lambda match: f"{match[0]} data-search-exclude", content)
    return content


def on_post_build(config):
    path = Path(config.site_dir) / "search" / "search_index.json"
    if not path.exists():
        return
    index = json.loads(path.read_text(encoding="utf-8"))
    seen: dict[str, set[str]] = {}
    index["docs"] = [one for one in index["docs"] if not is_left_out(one)]
    for one in index["docs"]:
        known = seen.setdefault(one["location"].partition("#")[0], set())
        if OBJECT.search(one["location"]):
            one["text"] = summary(one["text"])
        one["text"] = shortened(one["text"], known)
    complete(index["docs"], re.compile(index["config"]["separator"]))
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def is_left_out(one: dict) -> bool:
    """Tell whether nobody misses a section: the bibliography holds its sources as well."""
    place = one["location"]
    if place.startswith("about/changelog/#") or place.endswith("/#further-reading"):
        return True
    return not one["text"] and bool(METHOD.search(place))


def summary(text: str) -> str:
    """Return the first paragraph of a docstring, and what it lists."""
    first, end, rest = text.partition("</p>")
    listed = LISTED.search(rest)
    return first + end + (rest[listed.start() :] if listed else "")


def shortened(text: str, known: set[str]) -> str:
    """Return a section without what nobody looks for; `known` are names that its page has shown."""

    def names(found: list[str]) -> str:
        new = [name for name in dict.fromkeys(found) if name not in known]
        known.update(new)
        return listing(new) if new else ""

    prose, *tables = LISTED.split(TABS.sub("", text))
    prose = CODE.sub(lambda code: names(_names_in(html.unescape(code[1]))), prose)
    listed = names([name for table in tables for name in LISTED_NAME.findall(table)])
    return re.sub(r"\s+", " ", prose + listed).strip()


def names_on(content: str) -> list[str]:
    """Return the names that a page shows, as far as they can be told from words."""
    shown = html.unescape(TAG.sub(" ", NAMELESS.sub(" ", content)))
    return list(dict.fromkeys(filter(UNLIKE_WORDS.search, NAME.findall(shown))))


def complete(sections: list[dict], separator: re.Pattern) -> None:
    """Add to a page's first section the names that none of its sections holds."""
    pages: dict[str, list[dict]] = {}
    for one in sections:
        pages.setdefault(one["location"].partition("#")[0], []).append(one)
    for url, own in pages.items():
        texts = [" ".join([one["title"], one["text"], *one.get("tags", [])]) for one in own]
        known = set(separator.split(html.unescape(TAG.sub(" ", " ".join(texts))).lower()))
        missing = [name for name in _names.get(url, []) if name.lower() not in known]
        if missing:
            own[0]["text"] += listing(missing)


def listing(names: list[str]) -> str:
    """Return names as a block, which a result shows where one of them is looked for."""
    return f"<pre><code>{' '.join(names)}</code></pre>"


def _names_in(code: str) -> list[str]:
    said = ASIDE.sub(lambda one: one[1] if one[1] and " " not in one[1] else " ", code)
    return [name for name in NAME.findall(said) if name not in OF_PYTHON]
