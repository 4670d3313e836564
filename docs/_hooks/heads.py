"""What a page says about itself, to those who link to it and at its end.

With an address (SITE_URL): its card and its data for whoever shows a link to it. With a source
(REPO_URL): where to read it, edit it, and report a mistake. Always: with which versions it was
built, and how to cite the book, from CITATION.cff.
"""

from __future__ import annotations

import datetime
import functools
import html
import os
import platform
from importlib import metadata
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import cards
import yaml
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

COLAB = "https://colab.research.google.com/#fileId="
ICON = "assets/touch-icon.png"
PAPER = {"light": "#ffffff", "dark": "#1e2129"}  # as in book.css
CITATION = "```citation\n```"
CITED = "about/colophon.md"  # the page that holds it
ARTICLE_END = "</article>"
SOCIAL = "A textbook on recurrent networks"

_files: dict[str, File] = {}  # notebooks of labs, and the page that says how to cite
_contents: list = []
_served = [False]  # to its author, under an address of this machine: nobody links to that


def on_startup(command, dirty):
    _served[:] = [command == "serve"]


def on_files(files, config):
    files.append(File.generated(config, ICON, content=cards.icon()))
    _files.clear()
    for file in files:
        if file.src_uri.endswith(".ipynb"):
            _files[Path(file.src_uri).stem] = file
    _files["citation"] = files.get_file_from_path(CITED)
    return files


def on_nav(nav, config, files):
    _contents[:] = nav.items


def on_page_markdown(markdown, page, config, files):
    if CITATION not in markdown:
        return markdown
    return markdown.replace(CITATION, citation(config, built_on()))


def built_on() -> datetime.date:
    """Return the day of the build, or the one that whoever builds it again names."""
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.datetime.now(datetime.UTC).date()


def citation(config, day: datetime.date) -> str:
    """Return how to cite the book, in a sentence and for BibTeX, from CITATION.cff."""
    path = Path(config.config_file_path).parent / "CITATION.cff"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    authors = [
        one.get("name") or f"{one['given-names']} {one['family-names']}" for one in known["authors"]
    ]
    address = config.site_url or config.extra.get("repository") or known.get("url", "")
    year = str(known.get("date-released", day))[:4]
    title, version = known["title"], known["version"]
    sentence = f"{', '.join(authors)}: *{title}*. Version {version}, {year}."
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in authors),
        "title": f"{{{title}}}",
        "version": version,
        "year": year,
        "url": address,
    }
    lines = [f"  {name:<7} = {{{value}}}," for name, value in fields.items() if value]
    entry = "\n".join(["@software{rnn_book,", *lines, "}"])
    return f"{sentence}{f' <{address}>' if address else ''}\n\n```bibtex\n{entry}\n```"


def on_post_page(output, page, config):
    told = _social(page, config) if config.site_url and not any(_served) else []
    output = _headed(output, get_relative_url(ICON, page.url or "."), told)
    before, end, after = output.rpartition(ARTICLE_END)
    return before + _facts(page, config) + end + after if end else output


def _headed(output: str, icon: str, more: list[str]) -> str:
    """Add to a page's head its icon, and what colours a browser's frame until scripts know the
    theme.
    """
    colours = [
        f'<meta name="theme-color" data-theme="{theme}" content="{paper}"'
        f' media="(prefers-color-scheme: {theme})">'
        for theme, paper in PAPER.items()
    ]
    head = [f'<link rel="apple-touch-icon" href="{icon}">', *colours, *more]
    return output.replace("</title>", "</title>" + "".join(head), 1)


def title_of(page, config) -> str:
    """Return a page's title without the number that the navigation gives it."""
    if page.is_homepage:
        return config.site_name
    number, dot, title = str(page.title).partition(" · ")
    return title if dot and number.isdigit() else str(page.title)


def part_of(page) -> str:
    return SOCIAL if page.is_homepage or not page.parent else page.parent.title


def _social(page, config) -> list[str]:
    title = title_of(page, config)
    site = "" if page.is_homepage else config.site_name
    cache = Path(config.config_file_path).parent / ".cache" / "cards"
    uri = f"assets/cards/{page.file.dest_uri.removesuffix('/index.html').replace('/', '-')}"
    uri = f"{uri.removesuffix('.html')}.png"
    path = Path(config.site_dir) / uri
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cards.card(title, part_of(page), site, cache))
    described = html.unescape(page.meta.get("description") or config.site_description or "")
    graph = {
        "og:type": "website" if page.is_homepage else "article",
        "og:site_name": config.site_name,
        "og:title": title,
        "og:description": described,
        "og:url": page.canonical_url,
        "og:image": urljoin(config.site_url, uri),
        "og:image:width": str(cards.WIDTH),
        "og:image:height": str(cards.HEIGHT),
        "og:image:alt": f"{title}: {part_of(page)}",
    }
    tags = [
        f'<meta property="{name}" content="{html.escape(text)}">' for name, text in graph.items()
    ]
    return [*tags, '<meta name="twitter:card" content="summary_large_image">']


@functools.cache
def _version(package: str) -> str:
    return metadata.version(package)


def _facts(page, config) -> str:
    """Return a page's last lines: its version and versions, and what a reader may do with it."""
    day = built_on()
    python = ".".join(platform.python_version_tuple()[:2])
    versions = f"Python {python}, NumPy {_version('numpy')} and PyTorch "
    versions += _version("torch").partition("+")[0]
    sentence = (
        f"Version {_version('rnn-book')}, built and run on"
        f' <time datetime="{day}">{day.day} {day:%B %Y}</time> with {versions}.'
    )
    links = []
    if cited := _files.get("citation"):
        links.append((get_relative_url(cited.url, page.url or ".") + "#cite", "Cite this book"))
    links += _source(page, config)
    shown = " · ".join(f'<a href="{html.escape(address)}">{text}</a>' for address, text in links)
    return f'<p class="page-facts">{sentence} {shown}</p>'


def _source(page, config) -> list[tuple[str, str]]:
    repository = str(config.extra.get("repository") or "").rstrip("/")
    links = []
    if repository:
        file = "docs/" + page.file.src_uri
        file = "CHANGELOG.md" if page.file.src_uri == "about/changelog.md" else file
        subject = quote(f"{title_of(page, config)}: ")
        links = [
            (f"{repository}/blob/main/{file}", "Source of this page"),
            (f"{repository}/edit/main/{file}", "Edit it"),
            (f"{repository}/issues/new?title={subject}", "Report a mistake"),
        ]
    notebook = _files.get(Path(page.file.src_uri).stem)
    if repository and config.site_url and notebook and page.file.src_uri.startswith("labs/"):
        address = urljoin(config.site_url, notebook.url)
        links.append((COLAB + quote(address, safe=""), "Open in Colab"))
    return links


def on_post_template(output, template_name, config):
    if template_name != "404.html":
        return output
    root = urlsplit(config.site_url or "").path or "/"
    output = _headed(output, f"{root}{ICON}", [])
    words = (
        "<h1>There is no page here</h1><p>The address leads nowhere, or the page has moved. Look"
        " for it with the search above, or in the contents of the book:</p>"
    )
    return output.replace("<h1>404 - Not found</h1>", words + _listed(_contents, root), 1)


def _listed(items: list, root: str) -> str:
    found = []
    for item in items:
        if item.is_section:
            found.append(f"<li>{item.title}{_listed(item.children, root)}</li>")
        elif item.is_page:
            found.append(f'<li><a href="{root}{item.url}">{item.title}</a></li>')
    return f"<ul>{''.join(found)}</ul>"
