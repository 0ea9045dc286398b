"""The documents of docs/ as pages of the lab: rendered, linked, found by words.

`docs/README.md` is the index: what it links to is a page, in its order. The rest of
the disk is none, whatever an address or a link says.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

INDEX = "docs/README.md"
PICTURES = "docs/images"
DEEPEST_HEADING = 3
SNIPPET = 160
CODE = ("fence", "code_block")


@dataclass(frozen=True)
class Section:
    """What stands under one heading; the first of a document is under its title."""

    title: str
    anchor: str
    level: int
    text: str


@dataclass(frozen=True)
class Document:
    """One page: ``body`` is markup without the title, ``path`` is in the repository."""

    name: str
    path: str
    title: str
    body: str
    sections: tuple[Section, ...]

    @property
    def address(self) -> str:
        if self.path == INDEX:
            return reverse("site:help")
        return reverse("site:help-page", args=[self.name])

    @property
    def headings(self) -> tuple[Section, ...]:
        return tuple(
            section
            for section in self.sections
            if section.anchor and section.level <= DEEPEST_HEADING
        )


@dataclass(frozen=True)
class Found:
    """A section that holds every word looked for, with the part around the first."""

    document: Document
    section: Section
    snippet: str

    @property
    def address(self) -> str:
        anchor = f"#{self.section.anchor}" if self.section.anchor else ""
        return f"{self.document.address}{anchor}"


def index() -> Document:
    """The page that lists the others."""
    return _read(INDEX)


def documents() -> tuple[Document, ...]:
    """Every other page, in reading order."""
    return tuple(map(_read, _order()))


def neighbours(document: Document) -> tuple[Document | None, Document | None]:
    """The pages before and after one in reading order."""
    around = (None, *documents(), None)
    at = around.index(document)
    return around[at - 1], around[at + 1]


def find_document(name: str) -> Document | None:
    """The page of that name, if there is one."""
    return next((one for one in documents() if one.name == name), None)


def find_sections(text: str, *, headings_only: bool = False) -> list[Found]:
    """Sections that hold every word of ``text``, those whose heading does first.

    Parameters
    ----------
    text : str
        What somebody typed; case does not matter, nor do the ends of words.
    headings_only : bool
        Whether a word in the text below a heading does not count.
    """
    # Words count from their beginning: "it" does not find "composite".
    words = [
        re.compile(rf"(?<!\w){re.escape(word.casefold())}") for word in text.split()
    ]
    if not words:
        return []
    by_heading, by_text = [], []
    for document in documents():
        for section in document.sections:
            title, below = section.title.casefold(), section.text.casefold()
            around = f"{document.title.casefold()} {title}"
            # The title of the document alone would find every section of it.
            if any(one.search(title) for one in words) and _all_in(around, words):
                by_heading.append(Found(document, section, _cut(section.text, 0)))
            elif not headings_only and _all_in(f"{around} {below}", words):
                places = [at.start() for one in words if (at := one.search(below))]
                if places:
                    start = max(0, min(places) - SNIPPET // 3)
                    snippet = _cut(section.text, start)
                    by_text.append(Found(document, section, snippet))
    return by_heading + by_text


def _all_in(text: str, words: list[re.Pattern[str]]) -> bool:
    return all(one.search(text) for one in words)


def _cut(text: str, start: int) -> str:
    """The part of a text from ``start``, without words cut in two."""
    if start:
        start = text.find(" ", start) + 1
    part = text[start : start + SNIPPET]
    if start + SNIPPET < len(text):
        part = f"{part.rpartition(' ')[0]} …"
    return f"… {part}" if start else part


def _read(path: str) -> Document:
    changed = (settings.BASE_DIR / path).stat().st_mtime_ns
    return _rendered(path, changed, _order())


def _order() -> tuple[str, ...]:
    changed = (settings.BASE_DIR / INDEX).stat().st_mtime_ns
    return _linked_from_index(changed)


@lru_cache(maxsize=1)
def _linked_from_index(changed: int) -> tuple[str, ...]:
    """Paths of the documents the index links to, each once, in its order."""
    links = (
        str(token.attrs["href"])
        for token in _flat(_parser().parse(_source(INDEX)))
        if token.type == "link_open"
    )
    paths = (resolved(INDEX, link)[0] for link in links)
    return tuple(dict.fromkeys(path for path in paths if path.endswith(".md")))


@lru_cache(maxsize=64)
def _rendered(path: str, changed: int, order: tuple[str, ...]) -> Document:
    parser = _parser()
    tokens = parser.parse(_source(path))
    sections = _sections_of(tokens)
    # The title is the head of the page: what follows it is the body.
    body = tokens[3:]
    for token in body:
        if token.children:
            token.children = _with_addresses(token.children, path, order)
    return Document(
        name=_name(path),
        path=path,
        title=sections[0].title,
        body=mark_safe(parser.renderer.render(body, parser.options, {})),
        sections=sections,
    )


def _name(path: str) -> str:
    return Path(path).stem.lower().replace("_", "-")


def _source(path: str) -> str:
    return (settings.BASE_DIR / path).read_text(encoding="utf-8")


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables; markup within a document is shown, not obeyed."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    for kind, rule in RULES.items():
        parser.add_render_rule(kind, rule)
    return parser


def _flat(tokens) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _sections_of(tokens: list[Token]) -> tuple[Section, ...]:
    """Give each heading its anchor, as code hosts do, and say what is below it."""
    opened = [at for at, token in enumerate(tokens) if token.type == "heading_open"]
    taken: dict[str, int] = {}
    sections = []
    for at, end in pairwise([*opened, len(tokens)]):
        heading, title = tokens[at], _plain(tokens[at + 1])
        base = anchor_of(title)
        count = taken[base] = taken.get(base, -1) + 1
        anchor = f"{base}-{count}" if count else base
        heading.attrSet("id", anchor)
        text = " ".join(filter(None, map(_plain, tokens[at + 3 : end])))
        sections.append(Section(title, anchor, int(heading.tag[1]), text))
    # The top of a page needs no anchor.
    return (replace(sections[0], anchor=""), *sections[1:])


def anchor_of(title: str) -> str:
    """The anchor a heading gets, here and where the documents are read as files."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _plain(token: Token) -> str:
    """The words of a token, as one line."""
    parts = [token.content] if token.type in CODE else []
    for child in token.children or ():
        if child.type != "image":
            parts.append(" " if child.type.endswith("break") else child.content)
    return " ".join("".join(parts).split())


def resolved(path: str, link: str) -> tuple[str, str]:
    """A link of a document as a path in the repository, and the anchor."""
    target, _, anchor = link.partition("#")
    folder = posixpath.dirname(path)
    joined = posixpath.normpath(posixpath.join(folder, unquote(target)))
    return (joined if target else path), anchor


def _with_addresses(tokens, path, order) -> list[Token]:
    """Links and pictures with the addresses they have in the lab.

    A link to a file that is no page leaves its words behind.
    """
    kept = []
    dropped = 0
    for token in tokens:
        if token.type == "image":
            target, _ = resolved(path, str(token.attrs["src"]))
            token.attrSet("src", target)
        if token.type == "link_open":
            address = _address(str(token.attrs["href"]), path, order)
            if address is None:
                dropped += 1
                continue
            token.attrSet("href", address)
        elif token.type == "link_close" and dropped:
            dropped -= 1
            continue
        kept.append(token)
    return kept


def _address(link: str, path: str, order: tuple[str, ...]) -> str | None:
    if re.match(r"[a-z]+:|/|#", link):
        return link
    target, anchor = resolved(path, link)
    if target == INDEX:
        address = reverse("site:help")
    elif target in order:
        address = reverse("site:help-page", args=[_name(target)])
    else:
        return None
    return f"{address}#{anchor}" if anchor else address


def _picture(renderer, tokens, at, options, env) -> str:
    """A picture with its size, so that nothing jumps; it opens in full by itself."""
    token = tokens[at]
    path = str(token.attrs["src"])
    if posixpath.dirname(path) != PICTURES:
        raise ValueError(f"a picture of a document stands in {PICTURES}, not {path}")
    address = static(f"help/{posixpath.basename(path)}")
    width, height = _size(settings.BASE_DIR / path)
    return format_html(
        '<a class="picture" href="{}"><img src="{}" alt="{}" width="{}" height="{}"'
        ' loading="lazy"></a>',
        address,
        address,
        token.content,
        width,
        height,
    )


def _size(file: Path) -> tuple[int, int]:
    if file.suffix == ".svg":
        head = file.read_text(encoding="utf-8")[:1000]
        _, _, width, height = re.search(r'viewBox="([^"]+)"', head)[1].split()
        return round(float(width)), round(float(height))
    with Image.open(file) as picture:
        return picture.size


def _code(renderer, tokens, at, options, env) -> str:
    # Code is not wrapped; what scrolls can be reached by keys.
    return format_html(
        '<pre tabindex="0" role="group" aria-label="Code"><code>{}</code></pre>\n',
        tokens[at].content,
    )


def _cell_open(renderer, tokens, at, options, env) -> str:
    # The content policy allows no style in markup; an empty cell heads nothing.
    token = tokens[at]
    name = token.tag if tokens[at + 1].content else "td"
    right = token.attrs.get("style") == "text-align:right"
    return f'<{name} class="right">' if right else f"<{name}>"


def _cell_close(renderer, tokens, at, options, env) -> str:
    name = tokens[at].tag if tokens[at - 1].content else "td"
    return f"</{name}>\n"


def _table_open(renderer, tokens, at, options, env) -> str:
    return '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(renderer, tokens, at, options, env) -> str:
    return "</table></div>\n"


RULES = {
    "image": _picture,
    "fence": _code,
    "code_block": _code,
    "th_open": _cell_open,
    "td_open": _cell_open,
    "th_close": _cell_close,
    "td_close": _cell_close,
    "table_open": _table_open,
    "table_close": _table_close,
}
