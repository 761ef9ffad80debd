"""The page as a reader of HTML sees it: tables cell by cell, blocks of text as they would be copied."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

Attributes = dict[str, str]


@dataclass
class Cell:
    """A heading or a value of a table."""

    attributes: Attributes
    text: str = ""


@dataclass
class Row:
    """A row of a table's body or head."""

    attributes: Attributes
    cells: list[Cell] = field(default_factory=list)


class Page(HTMLParser):
    """Tables by id, texts by the attribute `data-file`, and all that is not style as words."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tables: dict[str, list[Row]] = {}
        self.files: dict[str, str] = {}
        self.command = ""
        self.paragraphs: list[str] = []
        self._table, self._open, self._file, self._words = "", [""], "", [""]
        self.feed(path.read_text(encoding="utf-8"))

    @property
    def words(self) -> str:
        """The words on the page, with plain spaces."""
        return " ".join("".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in ("meta", "img", "br"):
            self._open.append("command" if given.get("id") == "command" else tag)
        if tag == "table":
            self._table = given.get("id", "")
            self.tables[self._table] = []
        elif tag == "tr":
            self.tables[self._table].append(Row(given))
        elif tag in ("td", "th"):
            self.tables[self._table][-1].cells.append(Cell(given))
        elif tag == "p":
            self.paragraphs.append("")
        elif "data-file" in given:
            self._file = given["data-file"]
            self.files[self._file] = ""
        self._words.append(" " if tag not in ("code", "a", "span") else "")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        self._file = "" if tag == "pre" else self._file

    def handle_data(self, data: str) -> None:
        inside = set(self._open)
        if "style" in inside:
            return
        self._words.append(data)
        if self._file:
            self.files[self._file] += data
        if "command" in inside:
            self.command += data
        if "p" in inside:
            self.paragraphs[-1] += data
        if {"td", "th"} & inside:
            self.tables[self._table][-1].cells[-1].text += data
