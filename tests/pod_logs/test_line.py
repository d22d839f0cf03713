"""Lines out of the bytes of an answer, wherever these are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pod_logs.line import LONGEST, Line, harmless, lines_of

TIME = "2026-11-26T03:00:00.123456789Z"
LATER = "2026-11-26T11:00:01.000000000+08:00"


def test_each_line_is_a_time_and_a_text() -> None:
    said = f"{TIME} one\r\n{LATER} {TIME} two\n{LATER} \n".encode()
    assert list(lines_of("a", [said])) == [
        Line("a", TIME, "one"),
        Line("a", LATER, f"{TIME} two"),
        Line("a", LATER, ""),
    ]


def test_it_is_the_same_wherever_the_answer_is_cut() -> None:
    said = f"{TIME} eins zwölf\n{LATER} {'x' * (2 * LONGEST)}\n{LATER} end".encode()
    whole = list(lines_of("a", [said]))
    assert whole[0].text == "eins zwölf"
    for cut in (*range(60), LONGEST, LONGEST + 90, len(said) - 1):
        assert list(lines_of("a", [said[:cut], said[cut:]])) == whole
    assert list(lines_of("a", [said[i : i + 1] for i in range(len(said))])) == whole


def test_a_line_without_an_end_is_held_in_pieces_of_a_bounded_length() -> None:
    def endless() -> object:
        yield f"{TIME} ".encode()
        for _ in range(1000):
            yield b"x" * 1000

    found = list(lines_of("a", endless()))  # type: ignore[arg-type] # a generator of bytes
    assert sum(len(line.text) for line in found) == 1_000_000
    assert max(len(line.text) for line in found) == LONGEST
    assert {line.time for line in found} == {TIME}


@pytest.mark.parametrize(
    "text", ["unable to retrieve container logs for containerd://0", "2026 was a year", "\x1b[31m"]
)
def test_what_the_node_says_in_place_of_a_log_is_a_line_without_a_time_and_comes_first(text: str) -> None:
    (line,) = lines_of("a", [text.encode()])
    assert line == Line("a", "", text)
    assert line.moment < Line("a", TIME, "").moment


def test_lines_of_nodes_in_different_time_zones_are_sorted_by_the_moment() -> None:
    early, late = Line("a", TIME, ""), Line("b", LATER, "")
    assert all(first.moment < second.moment for first, second in pairwise([early, late]))


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    (line,) = lines_of("a", [f"{TIME} ".encode() + b"caf\xe9\n"])
    assert line.text == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m\tx", "\x1b[1;31mred\x1b[0m\tx"),
        ("a\x1b[2Jb\x1b[?1049hc\x1b[10;2Hd", "abcd"),
        ("a\x1b]0;title\x07b\x1b]52;c;Zm9v\x1b\\c\x1b]0;cut", "abc"),
        ("a\x1bcb\x1b7c", "acb7c"),
        ("a\x9b2J\x07\x08\r\x7fb", "a2Jb"),
        ("a\x1b[3", "a[3"),
        ("a\x1b", "a"),
    ],
)
def test_of_what_a_line_would_do_to_a_terminal_only_colours_are_left(text: str, shown: str) -> None:
    assert harmless(text) == shown
