"""Add to the site what lies outside docs/: figures, fonts, and KaTeX's stylesheet."""

from __future__ import annotations

import re
from pathlib import Path

import node
from mkdocs.structure.files import File

FONTS = {
    "source-serif-4": ("wght.css", "wght-italic.css"),
    "source-sans-3": ("wght.css", "wght-italic.css"),
    "source-code-pro": ("wght.css",),
}
SUBSETS = re.compile(r"-(latin|latin-ext|greek)-wght-")


def on_files(files, config):
    images = Path(config.config_file_path).parent / "images"
    for path in sorted(images.rglob("*")):
        if path.suffix in {".svg", ".png"}:
            uri = "images/" + path.relative_to(images).as_posix()
            files.append(File.generated(config, uri, abs_src_path=str(path)))
    for uri, content in _stylesheets().items():
        files.append(File.generated(config, uri, content=content))
    return files


def _stylesheets() -> dict[str, str | bytes]:
    """Fonts and KaTeX as uri -> content, cut down to the files that a browser of today asks for."""
    modules = node.install()
    out: dict[str, str | bytes] = {}
    faces = []
    for name, sheets in FONTS.items():
        folder = modules / "@fontsource-variable" / name
        for sheet in sheets:
            for face in re.findall(r"@font-face \{.*?\}", (folder / sheet).read_text(), re.DOTALL):
                file = re.search(r"url\(\./files/(.*?)\)", face)[1]
                if SUBSETS.search(file):
                    faces.append(face.replace("./files/", ""))
                    out[f"assets/fonts/{file}"] = (folder / "files" / file).read_bytes()
    out["assets/fonts/fonts.css"] = "\n".join(faces) + "\n"

    katex = modules / "katex" / "dist"
    sheet = (katex / "katex.min.css").read_text()
    sheet = re.sub(r",url\(fonts/[^)]*\.(?:woff|ttf)\) format\(\"\w+\"\)", "", sheet)
    for file in re.findall(r"url\((fonts/[^)]*)\)", sheet):
        out[f"assets/katex/{file}"] = (katex / file).read_bytes()
    out["assets/katex/katex.css"] = sheet
    return out
