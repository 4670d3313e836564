"""Where no line may end: within a short piece of code, and between a number and what belongs to it.

A browser ends a line at every space and after every hyphen and dash. Formulas are formulas.py's.
"""

from __future__ import annotations

import html
import re

# Tags, and what is no running text.
APART = re.compile(r"(<(pre|script|style|svg)\b.*?</\2>|<code>[^<]*</code>|<[^>]*>)", re.DOTALL)
SPACE = "\u00a0"
UNIT = r"(?:%|°C|KB|MB|GB|µs|ms)(?!\w)"
# Number and unit; mean and deviation; the ends of an interval; a letter and its value; minus one.
JOINED = re.compile(
    rf"(?<=\d) (?={UNIT})|(?<=\d) (?=± )|(?<=±) |(?<=\d,) (?=[−+]?[\d.]+\])"
    r"|(?<=\b[A-Za-z]) (?== [−\d])|(?<=\b[A-Za-z] =) (?=[−\d])| (?=− \d)|(?<= −) (?=\d)"
)
AFTER_FORMULA = re.compile(rf"^ (?={UNIT})")
# A date, a range, and words like n-gram.
WHOLE = re.compile(r"\d{4}-\d\d-\d\d|[\d.]+–[\d.]+|\b\w{1,2}-grams?\b")
SHORT = 24  # letters of code that fit on a phone's line, also in a list within a fold


def on_page_content(content, page, config, files):
    parts, before = [], ""
    at = 0
    for apart in APART.finditer(content):
        parts += [text(content[at : apart.start()], before), code(apart[0])]
        before, at = apart[0], apart.end()
    return "".join([*parts, text(content[at:], before)])


def text(words: str, before: str) -> str:
    """Join what belongs together in a piece of running text."""
    if before == "</span>":
        words = AFTER_FORMULA.sub(SPACE, words)
    return WHOLE.sub(r'<span class="tied">\g<0></span>', JOINED.sub(SPACE, words))


def code(tag: str) -> str:
    """Keep short code in one line; in longer code, options such as `-m`, and folders of a path."""
    if not tag.startswith("<code>"):
        return tag
    inside = tag.removeprefix("<code>").removesuffix("</code>")
    if len(html.unescape(inside)) <= SHORT:
        return f'<code class="tied">{inside}</code>' if re.search(r"[\s/-]", inside) else tag
    return f"<code>{re.sub(r'[^ ]+', _token, inside)}</code>"


def _token(match: re.Match) -> str:
    token = match[0]
    if "-" in token and len(html.unescape(token)) <= SHORT:
        return f'<span class="tied">{token}</span>'
    return token if "://" in token else token.replace("/", "/<wbr>")
