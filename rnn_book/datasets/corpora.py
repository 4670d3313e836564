"""Two text corpora that every Python brings along: its language reference and its own source.

Both differ from one version of Python to the next. Each is held against the hash of the one that
the book's results were measured with, and says so where it is another.
"""

from __future__ import annotations

import hashlib
import importlib
import platform
import sysconfig
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Corpus", "reference_text", "standard_library_source"]

RECORDED_PYTHON = "3.11.7"
"""The Python whose texts the book's results were measured with."""

_RECORDED = {
    "reference text": "2a95af4ac93f5b719944030ce3769070ddf827d847cba42192afa8da989e5dc4",
    "standard library source": "fcd787b1525f82a6eb04c18e77fcf1e096ae491feefc324c20df5d48f2458f4e",
}

# Modules that every Python from 3.11 on has as one file of some size, and that are not about to be
# removed. Twins such as posixpath and ntpath, ftplib and poplib, argparse and optparse stand on the
# same side, and locale, one big table, is kept out of validation and test.
_MODULES = {
    "train": """
        __future__ _collections_abc _compat_pickle _markupbase _py_abc _pydecimal _pyio
        _sitebuiltins _strptime _threading_local _weakrefset abc argparse ast base64 bdb bisect bz2
        cProfile cmd code codecs codeop colorsys compileall contextlib copyreg dis doctest enum
        filecmp fileinput fnmatch ftplib functools genericpath getopt getpass glob gzip hashlib
        heapq hmac imaplib inspect io keyword linecache locale lzma mimetypes modulefinder ntpath
        nturl2path numbers opcode operator optparse os pdb pickle pickletools pkgutil platform
        poplib posixpath profile pstats pty py_compile pyclbr pydoc quopri random reprlib
        rlcompleter runpy secrets selectors shelve shutil signal site smtplib socket ssl stat
        stringprep subprocess symtable tabnanny tarfile tempfile threading token tokenize trace
        traceback tracemalloc turtle types typing warnings wave zipapp zipimport
        """,
    "validation": """
        configparser copy csv dataclasses gettext ipaddress netrc plistlib pprint queue sched timeit
        uuid
        """,
    "test": """
        calendar difflib fractions graphlib mailbox shlex socketserver statistics textwrap weakref
        webbrowser
        """,
}


@dataclass(frozen=True)
class Corpus:
    """A text and its three parts."""

    name: str
    text: str = field(repr=False)
    """All of it."""
    train: str = field(repr=False)
    validation: str = field(repr=False)
    test: str = field(repr=False)
    report: dict[str, int]
    """What the text holds, what was left out of the parts, and how long they are."""

    @property
    def sha256(self) -> str:
        """Hash of the text (UTF-8), in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def as_recorded(self) -> bool:
        """Whether this is the text that the book's results were measured with."""
        return self.sha256 == _RECORDED[self.name]

    @property
    def note(self) -> str:
        """One sentence on how this text compares with the book's: print it beside results."""
        if self.as_recorded:
            return f"The {self.name} is the book's, that of Python {RECORDED_PYTHON}."
        return (
            f"The {self.name} of this Python {platform.python_version()} is not the book's, that "
            f"of Python {RECORDED_PYTHON}: numbers measured with the one say nothing on the other."
        )

    @property
    def provenance(self) -> dict[str, Any]:
        """What to write into a result: name, Python's version, length, hash, comparison."""
        return {
            "name": self.name,
            "python": platform.python_version(),
            "characters": len(self.text),
            "sha256": self.sha256,
            "as_recorded": self.as_recorded,
        }


def reference_text() -> Corpus:
    """Python's language reference, the text behind ``help("if")``, from ``pydoc_data.topics``.

    Licence: PSF. Many topics quote one another (all of "while" is in "compound" too), so a plain
    cut would show a model its test text in training. In the parts each paragraph stands once. They
    are cut at paragraphs into 20 blocks, of which the 9th and 19th are validation text and the 10th
    and 20th test text.

    Returns
    -------
    Corpus
        `text` holds everything, topics in alphabetical order with a line break between.
    """
    topics = importlib.import_module("pydoc_data.topics").topics
    names = sorted(topics)
    seen: dict[str, str] = {}
    paragraphs = [p for name in names for p in topics[name].split("\n\n")]
    for paragraph in paragraphs:
        seen.setdefault(paragraph.strip(), paragraph.strip("\n"))
    total = sum(map(len, seen.values()))
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    begin = 0
    for paragraph in seen.values():
        block = 20 * begin // total % 10
        parts[{8: "validation", 9: "test"}.get(block, "train")].append(paragraph)
        begin += len(paragraph)
    text = "\n".join(topics[name] for name in names)
    return _corpus(
        "reference text",
        text,
        {part: "\n\n".join(kept) + "\n" for part, kept in parts.items()},
        {
            "topics": len(names),
            "paragraphs": len(paragraphs),
            "repeated_paragraphs": len(paragraphs) - len(seen),
            "repeated_characters": sum(map(len, paragraphs)) - total,
        },
    )


def standard_library_source() -> Corpus:
    """Source of 130 modules of the standard library, a corpus of code.

    Licence: PSF. Split by modules, so that what is held out comes from files that the model has
    never seen. The modules are named in this file; they are there in every Python from 3.11 on, but
    their text is not the same. Labels for tagging: `rnn_book.datasets.token_labels`.

    Returns
    -------
    Corpus
        `text` is its three parts, one after the other; a part is its modules in alphabetical order.

    Raises
    ------
    FileNotFoundError
        If this Python has none of them as files.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    parts, found = {}, 0
    for part, modules in _MODULES.items():
        paths = [folder / f"{module}.py" for module in modules.split()]
        sources = [_source(path) for path in paths if path.is_file()]
        found += len(sources)
        parts[part] = "".join(sources)
    if not found:
        raise FileNotFoundError(f"this Python has no source files in {folder}")
    listed = sum(len(modules.split()) for modules in _MODULES.values())
    return _corpus(
        "standard library source",
        "".join(parts.values()),
        parts,
        {"modules": found, "missing_modules": listed - found},
    )


def _source(path: Path) -> str:
    with tokenize.open(path) as file:
        return file.read().rstrip("\n") + "\n"


def _corpus(name: str, text: str, parts: dict[str, str], report: dict[str, int]) -> Corpus:
    report = {
        "characters": len(text),
        "symbols": len(set(text)),
        **report,
        **{f"{part}_characters": len(own) for part, own in parts.items()},
    }
    return Corpus(name, text, **parts, report=report)
