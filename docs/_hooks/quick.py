"""What Material's script does late and slowly, done early or not at all.

It comes last on a page and measures what it changes, so that a phone computes styles and layout
many times over before a reader can touch anything. The theme is chosen by `theme.js`, which stands
in every page. Tabs need no script of Material's: two or three labels never run out of room, and
`book.js` keeps the choice, as it makes the buttons that copy code.
"""

from __future__ import annotations

import re
from pathlib import Path

COMMENTS = re.compile(r"^ *//.*\n|(?<=[;{]) // .*$|/\*\* .*? \*/ ?", re.MULTILINE)
THEME = COMMENTS.sub("", (Path(__file__).parent / "theme.js").read_text(encoding="utf-8"))
PALETTE = re.compile(r"<script>var palette=.*?</script>", re.DOTALL)
COMPONENT = 'data-md-component="palette"'
TABS = re.compile(r'(<div class="tabbed-set[^"]*") data-tabs="[^"]*"')


def on_post_page(output, page, config):
    return quick(output)


def on_post_template(output, template_name, config):
    return quick(output) if template_name == "404.html" else output


def quick(output: str) -> str:
    """Return a page with the book's own choice of theme, and tabs that Material's script leaves."""
    output = output.replace(COMPONENT, 'data-book="theme"')
    output = PALETTE.sub(lambda _: f"<script>{THEME}</script>", output)
    return TABS.sub(r"\1", output)
