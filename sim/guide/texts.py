"""What the source says for people: of a lever what it does, how, and its limits; of a field its meaning."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from dataclasses import dataclass
from itertools import pairwise

from pydantic import BaseModel

from sim.lever import Lever

_LIMITS = "Limits:"


@dataclass(frozen=True, slots=True)
class LeverTexts:
    """The parts of the docstring at the top of a lever's file."""

    summary: str
    """Its first line: what the lever does."""
    body: tuple[str, ...]
    """Further paragraphs."""
    limits: str
    """The paragraph that begins with `Limits:`; empty where there is none."""


def texts_of(model: type[Lever]) -> LeverTexts:
    """What the lever's file says at its top."""
    written = (sys.modules[model.__module__].__doc__ or "").strip()
    summary, *paragraphs = (" ".join(part.split()) for part in written.split("\n\n"))
    limits = (part.removeprefix(_LIMITS).strip() for part in paragraphs if part.startswith(_LIMITS))
    body = tuple(part for part in paragraphs if not part.startswith(_LIMITS))
    return LeverTexts(summary, body, next(limits, ""))


def field_texts(model: type[BaseModel]) -> dict[str, str]:
    """Field -> the text that stands below it, of the model and what it is made from.

    Read from the source when it is wanted: pydantic's own way would do it whenever a scenario is read.
    """
    texts: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if issubclass(part, BaseModel) and part is not BaseModel:
            texts |= _below_fields(part)
    return texts


def _below_fields(model: type[BaseModel]) -> dict[str, str]:
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    texts = {}
    for field, below in pairwise(written.body if isinstance(written, ast.ClassDef) else ()):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    texts[field.target.id] = text
    return texts
