"""critmin by its own name: `import critmin` offers what `import sim` does, and loads as little."""

from typing import TYPE_CHECKING

import sim as _sim
from sim import __all__ as __all__
from sim import __version__ as __version__

if TYPE_CHECKING:
    from sim import *  # noqa: F403
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_sim, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
