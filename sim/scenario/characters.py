"""Characters that look like plain ones and are not, or like nothing at all: their names, and what was meant."""

from __future__ import annotations

import re
import unicodedata

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SINGLE = "\u2018\u2019\u201a\u201b\u2039\u203a\u00b4"
_DOUBLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"
_BULLETS = "\u2022\u2023\u2043\u00b7\u25aa\u25cf\u25cb\u25e6"
_COLONS = "\u2236\ua789\ufe30\ufe55"
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_LOOK_ALIKE = dict(
    zip(
        "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0423"
        "\u0430\u0441\u0435\u0456\u0458\u043e\u0440\u0455\u0445\u0443\u0501\u04bb"
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd",
        "ABCEHIJKMOPSTXYaceijopsxydhABEZHIKMNOPTYXov",
        strict=True,
    )
)
"""Cyrillic and Greek letters that nobody can tell from Latin ones."""

QUOTES, MARKS, LISTS, SPACES = "quotes", "marks", "lists", "spaces"
"""What a character can spoil in the eyes of the parser."""
KINDS = (QUOTES, MARKS, LISTS, SPACES)

_PLAIN: dict[str, dict[str, str]] = {
    QUOTES: dict.fromkeys(_SINGLE, "'") | dict.fromkeys(_DOUBLE, '"'),
    MARKS: {chr(code): plain for code, plain in _FULL_WIDTH.items()}
    | dict.fromkeys(_COLONS, ":")
    | {"\u3001": ",", "\u2026": "..."},
    LISTS: dict.fromkeys(_DASHES + _BULLETS, "-"),
    SPACES: dict.fromkeys(_SPACES, " ") | dict.fromkeys(_INVISIBLE, ""),
}
PLAIN = {odd: plain for kind in KINDS for odd, plain in _PLAIN[kind].items()}
"""Character -> what was meant; empty where it should not be there."""
DASHES = _DASHES + "\u00ad\uff0d"
BULLETS = _BULLETS
COLONS = _COLONS + "\uff1a"
CLOSING = {
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u201d": "\u201d",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
"""Quotes of word processors that open a text -> those that close it."""
WIDTHLESS = _SPACES + _INVISIBLE

_APOSTROPHE_IN_A_NUMBER = re.compile(r"(?<=\d)[\u2019](?=\d)")
"""Numbers have a message of their own for it."""


def name_of(character: str) -> str:
    """A character in words, with its code: an en dash (U+2013)."""
    code = f"(U+{ord(character):04X})"
    if character in _LOOK_ALIKE:
        script = unicodedata.name(character).split()[0].capitalize()
        return f"a {script} letter {code} that looks like `{_LOOK_ALIKE[character]}`"
    if character in _PLAIN[QUOTES]:
        return f"a curly quote `{character}` {code}"
    words = unicodedata.name(character, "invisible character").lower()
    for written, plainer in (
        ("fullwidth", "full-width"), ("ideographic", "full-width"), ("zero width", "zero-width"),
        ("zero-width no-break space", "byte-order mark"),
    ):  # fmt: skip
        words = words.replace(written, plainer)
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words} {code}"


def odd_in(text: str) -> tuple[int, str] | None:
    """Position of the first character that is not what it seems, and what to do about it."""
    if text.isascii():
        return None
    passed_over = {match.start() for match in _APOSTROPHE_IN_A_NUMBER.finditer(text)}
    letters = _LOOK_ALIKE if _is_disguised(text) else {}
    for index, character in enumerate(text):
        if index not in passed_over and (character in PLAIN or character in letters):
            return index, remedy(character)
    return None


def remedy(character: str) -> str:
    """What to do about a character."""
    plain = PLAIN.get(character, _LOOK_ALIKE.get(character, ""))
    if plain == " ":
        return "replace it by a plain space"
    return f"write `{plain}` instead" if plain else "delete it"


def _is_disguised(text: str) -> bool:
    """Whether its letters look Latin, every one of them, and some are not."""
    letters = [letter for letter in text if letter.isalpha()]
    return all(letter.isascii() or letter in _LOOK_ALIKE for letter in letters)


def without(text: str, kind: str) -> str:
    """The text with plain characters in place of odd ones of a kind; it keeps its length."""
    return "".join((_PLAIN[kind].get(each, each) or " ")[:1] for each in text)


def first_of(text: str, kind: str) -> int | None:
    """Position of the first odd character of a kind."""
    return next((index for index, each in enumerate(text) if each in _PLAIN[kind]), None)
