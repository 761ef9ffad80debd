"""Options of the test run, and which tests stay together when several cores share them."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="Rewrite the golden headline numbers."
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests share what it makes; those of `golden` and of `page` share their runs."""
    for item in items:
        folder = item.path.parent.name
        group = folder if folder in ("golden", "page") else f"{folder}/{item.path.name}"
        item.add_marker(pytest.mark.xdist_group(group))
    # The shortest files last, so that no core is left alone with a long one.
    items.sort(key=lambda item: item.path.parent.name == "unit")
