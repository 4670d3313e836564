"""`python -m tools.policy`: the Content-Security-Policy under which the site works, for nginx.

Material writes some short scripts into its pages; they are named by their sums, and nothing else
that stands in a page may run. The tests serve every page under its own policy.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.console import ROOT

INLINE = re.compile(
    rb"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL
)


def policy(pages: Iterable[bytes]) -> str:
    """Return the strictest policy that the site promises to work under, for these pages."""
    sums = {hashlib.sha256(code).digest() for page in pages for code in INLINE.findall(page)}
    hashes = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in sorted(sums))
    return (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {hashes}; "
        "style-src 'self' 'unsafe-inline'; worker-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self'"
    )


def main() -> int:
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    pages = [page.read_bytes() for page in sorted(site.rglob("*.html"))]
    if not pages:
        print(f"Error: no pages in {site}: build the book first (make book).", file=sys.stderr)
        return 1
    print(f'add_header Content-Security-Policy "{policy(pages)}" always;')
    return 0


if __name__ == "__main__":
    sys.exit(main())
