"""Stopping before the end: by Ctrl-C, by another program that asks for it, by the terminal being closed.

All three raise `KeyboardInterrupt` where the program is; whatever was begun is taken back on its way out.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

STOPPED = 130
"""Exit code after Ctrl-C; as shells have it, 128 and the number of the signal."""
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_AT_NEXT_CHANCE_S = 0.01
_came: list[int] = []


def heed_signals() -> None:
    """From now on each signal to end raises `KeyboardInterrupt`; what the parent ignores stays ignored."""
    for number in _numbers():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    sys.unraisablehook = _unraisable


def heed_no_more() -> None:
    """The program is at its end and has nothing to take back: let it end in peace."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def heard() -> bool:
    """Whether there was such a signal, also where a library made another fault of it."""
    return bool(_came)


def end() -> NoReturn:
    """Say that the program was stopped, and end it with the code for that."""
    if _came:
        heed_no_more()
    # Python remembers a Ctrl-C that came inside of `exec`, as in the making of a dataclass, and would end by
    # the signal instead of our code; it forgets at the next `exec`.
    exec("")
    print("stopped", file=sys.stderr)
    sys.exit(128 + _came[0] if _came else STOPPED)


def _numbers() -> list[int]:
    return [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]


def _stop(number: int, _: FrameType | None) -> None:
    _came.append(number)
    raise KeyboardInterrupt


def _unraisable(fault: sys.UnraisableHookArgs) -> None:
    """Inside of a finaliser Python can only complain of Ctrl-C and go on: have it raised again outside."""
    if not isinstance(fault.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(fault)
        return
    import _thread
    import threading

    threading.Timer(_AT_NEXT_CHANCE_S, _thread.interrupt_main).start()
