"""Where a run's folder is filled, and by whom: one process at a time, out of sight until it is complete.

Beside the folder `0123abcd` stand, while somebody works on it, the lock `.partial-0123abcd.lock` and a staging
folder `.partial-0123abcd.` with eight more digits. A process that is killed leaves both, but not the lock's
hold: the next one that works beside them finds it free and clears up.
"""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from sim.system import files
from sim.system.files import UNFINISHED
from sim.words.problems import RunFolderError

Tell = Callable[[str], None]
"""Says something to the user at once."""
_LOCK = ".lock"
_SOON_S = 0.3
"""Who looks whether a lock is free holds it for less than this."""
_AGAIN_AFTER_S = 0.1
_STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@contextmanager
def only_writer(folder: Path, tell: Tell = lambda _: None) -> Iterator[None]:
    """Nobody else fills or changes `folder` meanwhile; waits, and says so, while somebody does.

    What killed processes left beside the folder is removed. Raises `WriteError` if it cannot be written there.
    """
    folder = _real(folder)
    new = files.make_folder(folder.parent)
    lock_file = _lock_file(folder.parent, folder.name)
    lock = FileLock(lock_file)
    try:
        try:
            _hold(lock, folder, tell)
            _clear_up(folder.parent, folder.name)
            _clear_up_after_others(folder.parent, folder.name)
            yield
        finally:
            if lock.is_locked:
                _let_go(lock, lock_file)
    finally:
        for each in new:  # those that hold something now stay
            files.remove(each)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A staging folder beside `folder`, renamed to it at the end, removed if anything goes wrong.

    To be used by its `only_writer`. Raises `RunFolderError` if something stands there at the end.
    """
    with beside(folder) as staging:
        yield staging
        if os.path.lexists(folder):
            raise RunFolderError(
                f"{folder} appeared while this run was going on; nothing was written",
                "move away what stands there and run again",
            )
        files.rename(staging, folder)


@contextmanager
def beside(folder: Path) -> Iterator[Path]:
    """A staging folder beside `folder` that is gone at the end. To be used by its `only_writer`."""
    folder = _real(folder)
    # Not a temporary folder of the system's: results are for colleagues, who may not read those.
    staging = folder.parent / f"{UNFINISHED}{folder.name}.{secrets.token_hex(4)}"
    try:
        files.make_folder(staging)
        yield staging
    finally:
        files.remove_tree(staging)


@contextmanager
def in_one_go() -> Iterator[None]:
    """Ctrl-C and a call to end wait until what is inside is done; only a kill interrupts it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def remember(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, remember) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            # None: whoever embeds Python has a handler that it does not show.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if came:
            signal.raise_signal(came[0])


def _real(folder: Path) -> Path:
    """Where it is however it is called: one run has one lock."""
    return Path(os.path.realpath(folder))


def _lock_file(home: Path, name: str) -> Path:
    return home / f"{UNFINISHED}{name}{_LOCK}"


def _hold(lock: FileLock, folder: Path, tell: Tell) -> None:
    with files.explained(Path(lock.lock_file)):
        try:
            # Who is stopped in the instant in which the file appears would leave it.
            with in_one_go():
                _acquire(lock, _SOON_S)
        except Timeout:
            tell(f"another critmin is at work on {folder}; waiting until it is done (Ctrl-C: stop)")
            _acquire(lock, -1)


def _acquire(lock: FileLock, timeout_s: float) -> None:
    for attempt in range(10):
        try:
            lock.acquire(timeout=timeout_s, poll_interval=_AGAIN_AFTER_S)
            return
        except FileNotFoundError:
            # Another run that failed just now took its empty folder away.
            if attempt == 9:
                raise
            files.make_folder(Path(lock.lock_file).parent)


def _let_go(lock: FileLock, lock_file: Path) -> None:
    # Before others may hold it, else it could be theirs. Windows keeps an open file; there the library
    # removes it after its release.
    if os.name != "nt":
        files.remove(lock_file)
    lock.release()


def _clear_up(home: Path, name: str) -> None:
    """Remove what earlier processes left of this run; its lock is held, hence they have ended."""
    for left in home.glob(f"{_literal(UNFINISHED + name)}.????????"):
        files.remove_tree(left)


def _clear_up_after_others(home: Path, own: str) -> None:
    names = {
        left.name.removeprefix(UNFINISHED).rpartition(".")[0]
        for left in home.glob(f"{UNFINISHED}*.*")
    }
    for name in sorted(names - {own, ""}):
        lock_file = _lock_file(home, name)
        lock = FileLock(lock_file)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):  # somebody is at work, or we may not touch it
            continue
        try:
            _clear_up(home, name)
        finally:
            _let_go(lock, lock_file)


def _literal(text: str) -> str:
    """For a search by pattern."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
