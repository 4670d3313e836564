"""Typeset formulas with KaTeX while the site is built: the browser runs no script for them.

`pymdownx.arithmatex` finds `$...$` and `$$...$$` and leaves the TeX in elements of its own class.
A formula that does not parse fails the build, strict or not.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import re
from pathlib import Path

import node
from mkdocs.exceptions import PluginError

from rnn_book.records import write_whole

FORMULA = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>', re.DOTALL)
PLACE = re.compile(r'(<(span|div) class="formula") data-formula="(\d+)"([^>]*)>.*?</\2>')
# Chromium breaks a line on both sides of a formula, whatever follows or comes before.
OPENS = re.compile(r'[(\[“‘](?=(?:<abbr class="term"[^>]*>)?<span class="formula")')
FOLLOWED = re.compile(r"(?:</(?:abbr|em|strong|a)>)*[^\s<]")
BASE, ENDS = '<span class="katex-base">', "</span></span>"
HEADING = re.compile(r"<h[1-6][^>]*>(?:(?!</h[1-6]>).)*class=\"arithmatex\"", re.DOTALL)

# How a formula reads in a line of text.
LETTER = re.compile(r"\\([a-z])(?:gate|state)(?![a-zA-Z])")
FRACTION = re.compile(r"\\[td]?frac\s*(\d|\{[^{}]*\})\s*(\d|[a-zA-Z]|\{[^{}]*\})")
SPACE = re.compile(r"\\[,;:! ]|\\q?quad(?![a-zA-Z])|[~\s]+")
IN_LETTERS = re.compile(r"\\(?:mathrm|operatorname|text|mathbf|mathit)\*?\s*\{([^{}]*)\}")
ACCENT = re.compile(r"\\(?:tilde|hat|bar|overrightarrow|overleftarrow)\s*(\{[^{}]*\}|[a-zA-Z])")
RAISED = re.compile(r"([_^])\{([^{}]*)\}")
COMMAND = re.compile(r"\\([a-zA-Z]+)")
GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
SIGNS = {
    **{name: chr(0x3B1 + number) for number, name in enumerate(GREEK.split())},
    **{name: name for name in ("tanh", "ln", "log", "exp", "max", "min", "sin", "cos")},
    "sigma": "σ",
    "tau": "τ",
    "phi": "φ",
    "varepsilon": "ε",
    "ell": "ℓ",
    "sqrt": "√",
    "times": "×",
    "cdot": "·",
    "odot": "⊙",
    "le": "≤",
    "ge": "≥",
    "approx": "≈",
    "to": "→",
    "top": "ᵀ",
    "dots": "…",
    "ldots": "…",
    "cdots": "…",
    "partial": "∂",
    "infty": "∞",
    "in": "∈",
    "sum": "∑",
    "prod": "∏",
    "gg": "≫",
    "ll": "≪",
    "propto": "∝",
    "sim": "~",
    "left": "",
    "right": "",
    "big": "",
    "bigl": "",
    "bigr": "",
}
LONGEST = 48
SHORT = 18  # letters of a formula that stays in one line

_katex = node.Katex()
_cache: dict[str, str] = {}
_used: dict[str, str] = {}
_shown: list[str] = []


def _cache_file(config) -> Path:
    # The options and macros are part of what a formula looks like.
    script = Path(node.__file__).with_name("katex.mjs").read_bytes()
    lock = (node.ROOT / "package-lock.json").read_bytes()
    key = hashlib.sha256(script + lock).hexdigest()[:16]
    return Path(config.config_file_path).parent / ".cache" / "formulas" / f"{key}.json"


def on_pre_build(config):
    path = _cache_file(config)
    _cache.clear()
    _used.clear()
    _shown.clear()
    # A damaged cache is an empty one: all formulas are set again.
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and all(isinstance(text, str) for text in found.values()):
            _cache.update(found)


def on_page_content(content, page, config, files):
    if HEADING.search(content):
        # The table of contents and the search take headings as plain text.
        raise PluginError(f"{page.file.src_uri}: a heading holds a formula; write it in words")

    def typeset(match: re.Match) -> str:
        tag, tex = match[1], html.unescape(match[2]).strip()
        key = f"{tag} {tex}"
        if key not in _cache:
            try:
                _cache[key] = _katex.render(tex, display=tag == "div")
            except ValueError as error:
                raise PluginError(
                    f"{page.file.src_uri}: the formula ${tex}$ does not parse: {error}"
                ) from None
        _used[key] = _cache[key]
        _shown.append(_cache[key])
        # Filled in at the end: the search index would hold a formula three times over, glyph by
        # glyph, and take longer over its hundred elements than everything else here.
        number = len(_shown) - 1
        plain = words(tex)
        short = " data-short" * (tag == "span" and plain != "…" and len(plain) <= SHORT)
        attributes = f'class="formula" data-formula="{number}"{short}'
        return f"<{tag} {attributes}>{html.escape(plain)}</{tag}>"

    content = FORMULA.sub(typeset, content)
    return OPENS.sub(lambda sign: f'<span class="tied">{sign[0]}</span>', content)


def words(tex: str) -> str:
    """A short formula as it reads among words; of a longer one, that it is there."""
    plain = LETTER.sub(lambda match: match[1], tex)
    for form in (IN_LETTERS, ACCENT):
        plain = form.sub(lambda match: match[1], plain)
    plain = FRACTION.sub(lambda match: f"{_group(match[1])}/{_group(match[2])}", plain)
    plain = SPACE.sub(" ", plain)
    plain = COMMAND.sub(lambda match: SIGNS.get(match[1], match[0]), plain)
    plain = plain.replace("^{-1}", "⁻¹").replace("^ᵀ", "ᵀ")
    plain = RAISED.sub(lambda match: f"{match[1]}{_group(match[2])}", plain)
    plain = re.sub(r"[{}\s]+", " ", plain).strip().replace("log_2", "log₂").replace("-", "−")
    return "…" if "\\" in plain or "&" in plain or len(plain) > LONGEST else plain


def _group(part: str) -> str:
    inside = part.strip("{}").strip()
    return inside if len(inside) < 2 or inside.isalnum() else f"({inside})"


def on_post_page(output, page, config):
    def shown(match: re.Match) -> str:
        formula = _shown[int(match[3])]
        if match[2] == "span" and FOLLOWED.match(output, match.end()):
            formula = tied(formula)
        return f"{match[1]}{match[4]}>{formula}</{match[2]}>"

    return PLACE.sub(shown, output)


def tied(formula: str) -> str:
    """Keep the last part of a formula in one line with what follows it."""
    before, base, last = formula.removesuffix(ENDS).rpartition(BASE)
    return f'{before}<span class="tied">{base}{last}</span>{ENDS}'


def on_post_build(config):
    _katex.close()
    path = _cache_file(config)
    for old in path.parent.glob("*.json"):
        if old != path:
            old.unlink(missing_ok=True)
    write_whole(path, json.dumps(_used, ensure_ascii=False, indent=0))


def on_build_error(error):
    _katex.close()
