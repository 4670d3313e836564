"""Add to the site what lies outside docs/: figures, their colours, fonts, KaTeX, the changelog."""

from __future__ import annotations

import re
from pathlib import Path

import node
from mkdocs.structure.files import File

from tools.diagrams.style import css_variables

FONTS = {
    "source-serif-4": ("wght.css", "wght-italic.css"),
    "source-sans-3": ("wght.css", "wght-italic.css"),
    "source-code-pro": ("wght.css",),
}
# As in katex.mjs: \fgate colours a formula's letter, [f]{ .fgate } one in the text.
LETTERS = ("igate", "fgate", "ggate", "ogate", "cstate", "hstate", "rgate", "zgate", "ngate")
SUBSETS = re.compile(r"-(latin|latin-ext|greek)-wght-")


def on_config(config):
    # Material's own way to show a repository would ask its host for stars on every page.
    if repository := config.extra.get("repository"):
        icon = "fontawesome/brands/git-alt"
        name = "Source of this book"
        config.extra["social"] = [{"icon": icon, "link": repository, "name": name}]
    return config


def on_files(files, config):
    images = Path(config.config_file_path).parent / "images"
    for path in sorted(images.rglob("*")):
        if path.suffix in {".svg", ".png"}:
            uri = "images/" + path.relative_to(images).as_posix()
            files.append(File.generated(config, uri, abs_src_path=str(path)))
    changelog = Path(config.config_file_path).parent / "CHANGELOG.md"
    if changelog.exists():
        files.append(File.generated(config, "about/changelog.md", abs_src_path=str(changelog)))
    for uri, content in {**_fonts(), **_katex(), "assets/colours.css": _colours()}.items():
        files.append(File.generated(config, uri, content=content))
    return files


def _colours() -> str:
    """The figures' colours as custom properties, and a class for each gate and state."""
    sheet = [
        f"[data-md-color-scheme={scheme}] {{\n{css_variables(theme)}\n}}"
        for scheme, theme in (("default", "light"), ("slate", "dark"))
    ]
    paper = css_variables("light")
    sheet.append(f"@media print {{\n[data-md-color-scheme] {{\n{paper}\n}}\n}}")
    sheet += [f".{name} {{ color: var(--rnn-{name[0]}); }}" for name in LETTERS]
    return "\n".join(sheet) + "\n"


def _fonts() -> dict[str, str | bytes]:
    """The fonts as uri -> content, without the alphabets that the book does not use."""
    modules = node.install()
    out: dict[str, str | bytes] = {}
    faces = []
    for name, sheets in FONTS.items():
        folder = modules / "@fontsource-variable" / name
        out[f"assets/fonts/{name}-LICENSE.txt"] = (folder / "LICENSE").read_bytes()
        for sheet in sheets:
            for face in re.findall(r"@font-face \{.*?\}", (folder / sheet).read_text(), re.DOTALL):
                file = re.search(r"url\(\./files/(.*?)\)", face)[1]
                if SUBSETS.search(file):
                    faces.append(face.replace("./files/", ""))
                    out[f"assets/fonts/{file}"] = (folder / "files" / file).read_bytes()
    return out | {"assets/fonts/fonts.css": "\n".join(faces) + "\n"}


def _katex() -> dict[str, str | bytes]:
    """KaTeX's stylesheet and fonts as uri -> content, in the one format browsers need today."""
    katex = node.install() / "katex" / "dist"
    sheet = (katex / "katex.min.css").read_text()
    out: dict[str, str | bytes] = {}
    sheet = re.sub(r",url\(fonts/[^)]*\.(?:woff|ttf)\) format\(\"\w+\"\)", "", sheet)
    for file in re.findall(r"url\((fonts/[^)]*)\)", sheet):
        out[f"assets/katex/{file}"] = (katex / file).read_bytes()
    licence = (katex.parent / "LICENSE").read_text()
    return out | {"assets/katex/katex.css": sheet, "assets/katex/LICENSE.txt": licence}
