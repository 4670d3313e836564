"""What the search finds, in which order, and when its index is loaded.

Material asks for the index on every page, though few readers search. Here its script waits until
the search is opened, or a page is opened from a result.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

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
FROM_RESULT = r"/[?&][hq]=/.test(location.search)"

# A chapter comes before what only lists its words.
BOOSTS = {"reference": 0.1, "about": 0.1, "labs": 0.5, "projects": 0.8}
# Words that a reader looks for and that a page's title does not hold.
WORDS = {
    "rnn/backpropagation-through-time.md": ("BPTT", "TBPTT", "truncated backpropagation"),
    "rnn/vanishing-gradients.md": ("vanishing", "exploding", "clipping"),
    "rnn/first-training.md": ("training loop", "teacher forcing"),
    "lstm/forget-gate.md": ("forget bias",),
    "lstm/variants.md": ("peephole", "CIFG"),
    "lstm/hidden-units.md": ("number of parameters", "hidden size"),
    "lstm/in-practice.md": ("nn.LSTM", "state_dict", "bias_ih_l0", "c_n", "h_n"),
    "improvements/recurrent-dropout.md": ("zoneout", "variational dropout"),
    "improvements/bidirectional.md": ("bidirectional", "BiLSTM"),
    "improvements/layer-normalisation.md": ("LayerNorm", "layer normalization"),
    "practice/task-shapes.md": ("seq2seq", "many to one", "many to many"),
    "practice/using-the-layers.md": ("padding", "PackedSequence"),
}

# What is left out, so that the index stays small: sources and signatures of the reference, the code
# of labs and of solutions, and what snippets print.
SOURCE = re.compile(r'<details class="mkdocstrings-source"')
OUTPUT = re.compile(r'<div class="language-text highlight"')
CODE = re.compile(r"<pre\b")
WITHOUT_CODE = ("reference/", "labs/")
SOLUTIONS = '<h2 id="exercises"'


def on_files(files, config):
    for file in [file for file in files if BUNDLE.search(file.src_uri)]:
        script = Path(file.abs_src_path).read_text(encoding="utf-8")
        asks, waits, shared = (one.search(script) for one in (ASKS, WAITS, SHARED))
        if not (asks and waits and shared):
            log.warning("Material's script has changed: its search index loads with every page.")
            continue
        later = f"{waits['any']}{FROM_RESULT}{waits['opened']}{asks[0]}),{shared['replay']})"
        files.remove(file)
        content = script.replace(asks[0], later)
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
    before, heading, after = content.partition(SOLUTIONS)
    if page.file.src_uri.startswith(WITHOUT_CODE):
        before = _leave_out(CODE, before)
    for tag in (SOURCE, OUTPUT):
        before = _leave_out(tag, before)
    return before + heading + _leave_out(CODE, after)


def _leave_out(tag: re.Pattern, content: str) -> str:
    return tag.sub(lambda match: f"{match[0]} data-search-exclude", content)
