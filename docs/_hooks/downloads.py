"""What a reader can take along: snippets as files, labs as notebooks, the book as a whole.

They lie in `downloads/` of the site, and each link says how large its file is. A page lists the
snippets that it shows. The book as a whole, one zip and one PDF, is made by `make downloads` and
offered where it belongs to the very state that is being built: `<!-- downloads -->` on a page
becomes its links, or nothing.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

from tools import downloads

FOLDER = "downloads"
INCLUDE = re.compile(r'^[ \t]*--8<-- "([^"]+\.py)"[ \t]*$', re.MULTILINE)
PLACE = "<!-- downloads -->"
WHOLE = {
    downloads.PDF: "The book as one PDF",
    downloads.ZIP: "The book as a zip that opens without a network",
}


def on_files(files, config):
    snippets = Path(config.docs_dir) / "snippets"
    for path in sorted(snippets.rglob("*.py")):
        uri = f"{FOLDER}/{path.relative_to(snippets).as_posix()}"
        files.append(File.generated(config, uri, abs_src_path=str(path)))
    for path in downloads.current(Path(config.config_file_path).parent):
        files.append(File.generated(config, f"{FOLDER}/{path.name}", abs_src_path=str(path)))
    return files


def on_page_markdown(text, page, config, files):
    here = posixpath.dirname(page.file.src_uri) or "."

    def link(name: str, words: str) -> str | None:
        file = files.get_file_from_path(f"{FOLDER}/{name}")
        if file is None:
            return None
        size = downloads.shown(Path(file.abs_src_path).stat().st_size)
        address = posixpath.relpath(file.src_uri, here)
        return f"- [{words}]({address}){{ download={posixpath.basename(name)} }}, {size}"

    whole = [link(name, words) for name, words in WHOLE.items()]
    text = text.replace(PLACE, "\n".join(filter(None, whole)))
    names = dict.fromkeys(INCLUDE.findall(text))
    listed = [link(name, f"`{posixpath.basename(name)}`") for name in names]
    if not any(listed):
        return text
    lines = "\n".join(filter(None, listed))
    return (
        f'{text}\n\n<details class="downloads" markdown data-search-exclude>\n'
        f"<summary>The programs of this page as files</summary>\n\n{lines}\n\n</details>\n"
    )
