"""What is allowed but probably not meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caution:
    """A warning about the first of these settings that was written."""

    settings: tuple[str, ...]
    message: str
    help: str = ""
    unless_said: bool = False
    """Left out where the setting itself says its source or reason."""
    needless: tuple[str, ...] = ()
    """Names in the setting's list that change nothing."""
