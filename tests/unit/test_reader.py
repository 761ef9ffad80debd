"""YAML text becomes a tree that knows its places, or located faults."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from sim.scenario.reader import core_1_2, read_document
from sim.words.problems import BadInputError, Place, Problem, quote, render, visible
from sim.words.texts import decode_text


def read(text: str | bytes):
    content = text if isinstance(text, bytes) else text.encode()
    return read_document(decode_text(content, Path("x.yaml"), "x.yaml", what="a scenario"))


def faults(text: str | bytes) -> list[Problem]:
    try:
        return list(read(text).problems)
    except BadInputError as error:
        return list(error.problems)


def test_words_of_the_field_survive_yaml():
    read_back = read(
        "a: [No, NO, on, Y, off, yes, 12:30, 2025-02-30, 0x1F, .inf, NaN]"
    ).root.plain()
    assert read_back == {
        "a": ["No", "NO", "on", "Y", "off", "yes", "12:30", "2025-02-30", "0x1F", ".inf", "NaN"]
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e3", 1000.0), ("012", 12), ("-0.5", -0.5), ("true", True), ("~", None), ("", None),
     ("9" * 5000, "9" * 5000), ("1e999", "1e999"), ("1.234", "1.234"), ("0.234", 0.234),
     ("1.2340", 1.234)],
)  # fmt: skip
def test_plain_scalars_follow_yaml_1_2(text, value):
    assert core_1_2(text) == value


def test_quoted_scalars_stay_text():
    assert read("a: '12'\nb: \"true\"").root.plain() == {"a": "12", "b": "true"}


def test_every_key_and_value_knows_its_place():
    node = read("a:\n  - b: word\n").root.at(["a", 0, "b"])
    assert node.place == Place("x.yaml", 2, 8, "  - b: word", 4)
    assert node.key_place == Place("x.yaml", 2, 5, "  - b: word", 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, 1, "`a` is given twice (first on line 1)"),
        ("a: {b: 1, b: 2}", 1, 11, "`b` is given twice"),
        ("a: &x 1", 1, 4, "the anchor `&x` is not allowed"),
        ("a: *x", 1, 4, "the alias `*x` is not allowed"),
        ("a: !!python/object/apply:os.system [ls]", 1, 4, "the tag"),
        ("%YAML 1.1\n---\na: No", 1, 1, "YAML directives"),
        ("a: 1\n---\nb: 2", 2, 1, "a second document"),
        ("a: b: c", 1, 5, "a second `:`"),
        ("a:\n\tb: 1", 2, 1, "a tab in the indent"),
        ("a:\n\u00a0 b: 1", 2, 1, "a no-break space (U+00A0) in the indent"),
        ("a:\n  - x\n \u200b - y", 3, 2, "a zero-width space (U+200B) in the indent"),
        ("a: [1, 2\nb: 3\n", 1, 4, "this list is not closed"),
        ("a: {b: 1\nc: 3\n", 1, 4, "this `{` is not closed"),
        ("a: 'x", 1, 4, "this quoted text is not closed"),
        ('a: "x\\q"', 1, 6, "a `\\` in double quotes"),
        ("a: 'b' c", 1, 8, "text after a closing quote"),
        ("a: @x", 1, 4, "a character that cannot begin a text"),
        ("a:\n  b: 1\n c: 2", 3, 2, "the indent does not fit"),
        ("? [a]\n: b", 1, 3, "a key must be a plain text"),
        ("", 1, 1, "the file is empty"),
        ("# nothing\n", 1, 1, "the file is empty"),
        ("a: x\u2028y", 1, 5, "a line separator"),
        ("a: \x07", 1, 4, "a control character (U+0007)"),
        ("a: x\u202ey", 1, 5, "turns the direction of text (U+202E)"),
        ('a: "x\\0y"', 1, 4, "a null character is written in this text"),
        ("a: [1,\n", 1, 4, "the `[` here is not closed"),
        ("a: 1\n: 2\n", 2, 1, "a `:` without a key before it"),
        ("k" * 2000 + ": 1", 1, 2001, "this key is too long"),
        ("a: {b: 0,92, c: 1}", 1, 8, "inside { } a comma begins the next entry, here `92`"),
        (b"\x89PNG\r\n\x1a\n", 0, 0, "a picture (PNG), not a scenario"),
        (b"PK\x03\x04rest", 0, 0, "a packed file (Word, Excel, PowerPoint or ZIP)"),
        (b"\xef\xbb\xbfb: \xe9", 1, 4, "byte 0xE9"),
        (b"a: 1\nb: caf\xe9\n", 2, 7, "byte 0xE9 (perhaps `é`"),
        (b"a\x00:\x00 \x001\x00", 0, 0, "UTF-16 without its mark"),
        ("a: 1".encode("utf-32"), 0, 0, "UTF-32"),
        ("a: " + "[" * 60, 1, 43, "too many levels"),
        ("[" * 100_000, 1, 1001, "too many levels"),
        (b"a: " + b"x" * 5_000_001, 0, 0, "too large"),
        ("- 1\n" * 20_001, 20_000, 3, "too many entries"),
    ],
)
def test_faults_have_line_and_column(text, line, column, message):
    found = faults(text)
    assert [(p.place.line, p.place.column) for p in found] == [(line, column)]
    assert message in found[0].message
    assert found[0].help


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_common_encodings_and_line_breaks_are_read(encoding):
    document = read("a: é\r\nb: 中\rc: 1\n".encode(encoding))
    assert document.root.plain() == {"a": "é", "b": "中", "c": 1}
    assert document.root.at(["c"]).place.line == 3


def test_odd_spaces_inside_texts_do_no_harm():
    assert faults("a: |\n  x\n  \u00a0y\nb: 'c\n  \u00a0d'") == []


def test_several_faults_of_a_file_come_at_once():
    assert len(faults("a: &x 1\na: 2\nb: *x\n")) == 3


def test_a_fault_is_printed_like_a_compilers():
    place = Place("bad.yaml", 9, 5, "    reveiw: 45 d", 6)
    problem = Problem(place, "unknown key `reveiw`", "did you mean `review`?")
    assert render(problem) == (
        "bad.yaml:9:5: error: unknown key `reveiw`\n"
        " 9 |     reveiw: 45 d\n"
        "   |     ^^^^^^\n"
        "   = help: did you mean `review`?"
    )


def test_the_caret_lines_up_under_tabs_wide_letters_and_long_lines():
    assert render(Problem(Place("f", 1, 3, "\t中x"), "m")).splitlines()[2] == "   | \t  ^"
    caret = render(Problem(Place("f", 1, 500, "x" * 499 + "y" + "x" * 499), "m")).splitlines()
    assert caret[1][caret[2].index("^")] == "y"


@pytest.mark.parametrize(
    ("line", "column", "under_the_caret"),
    [
        (
            "e\u0301\u4e2d\U0001f469x",
            5,
            "x",
        ),  # an accent takes no room, a Chinese letter two columns
        ("\u4e2d" * 200 + "y" + "\u4e2d" * 200, 201, "y"),
        ("\u0301" * 500 + "y", 501, "y"),
    ],
)
def test_the_caret_stands_right_under_any_letters(line, column, under_the_caret):
    shown, caret = render(Problem(Place("f", 1, column, line), "m")).splitlines()[1:3]
    before = shown[: shown.rindex(under_the_caret)]
    assert cell_len(before) == caret.index("^")
    assert cell_len(shown) < 140


def test_what_a_terminal_would_obey_is_shown_as_a_mark():
    place = Place("bad\x1b[2J.yaml", 1, 2, "a\x1b[31m\u202e\u200b\x07\r\n\x9b\ud800", 3)
    shown = render(Problem(place, quote("\x1b]0;x\x07"), visible("\u2066")))
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\ufffd") == 12
    assert shown.splitlines()[2] == "   |  ^^^"


def test_an_endless_line_is_shown_in_part():
    shown = render(Problem(Place("f", 1, 2_500_000, "x" * 5_000_000), "m")).splitlines()
    assert all(len(line) < 140 for line in shown)
    assert shown[1].endswith("x...")


def test_a_fault_of_a_whole_file_has_no_line():
    assert render(Problem(Place("gone.yaml"), "there is no such file")) == (
        "gone.yaml: error: there is no such file"
    )
