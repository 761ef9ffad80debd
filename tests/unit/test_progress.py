"""What a user sees of a run meanwhile."""

from __future__ import annotations

import io

import pytest

from sim.system.progress import Phase, counted, on_standard_error


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_the_bar_of_a_terminal_names_scenario_and_phase_and_leaves_room_for_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    with on_standard_error("[a]") as (progress, tell):
        part = counted(lambda done: progress(Phase.TABLES, done), 4)
        part()
        tell("somebody [else] is at work")
    shown = terminal.getvalue()
    for words in ("[a]: tables", "25%", "somebody [else] is at work\n"):
        assert words in shown
    assert "\x1b[3" not in shown  # a colour
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("stream", [Closed(), None])
def test_a_run_goes_on_where_nobody_reads_how_far_it_is(
    stream: io.StringIO | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    with on_standard_error("toy") as (progress, tell):
        progress(Phase.FIGURES, 0.5)
        tell("words")
    assert capsys.readouterr().out == ""
