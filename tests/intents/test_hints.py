"""What is said of visits and openings beside values, and the notation that its tables are written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.hints import read_hints
from models.domain import Hint
from words.patterns import find, patterns


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("do you have anything earlier", {Hint.EARLIER, Hint.NEW_ONE, Hint.HAVE_YOU}),
        ("that's too early", {Hint.LATER}),
        ("that is too far out", {Hint.EARLIER}),
        ("the later one", {Hint.LATER, Hint.NAMED_ONE}),
        ("later that morning", {Hint.LATER, Hint.IN_THE_DAY}),
        ("a different week", {Hint.OTHER_DAY, Hint.OTHERS, Hint.NEW_ONE, Hint.THE_DAY}),
        ("other times", {Hint.OTHER_TIME, Hint.OTHERS}),
        ("neither of those, do you have Monday", {Hint.NOT_THESE, Hint.OTHERS, Hint.HAVE_YOU}),
        ("neither Monday nor Tuesday", {Hint.OTHERS}),
        ("is that really the earliest you have?", {Hint.IF_SOONEST, Hint.SOONEST, Hint.HAVE_YOU}),
        ("as soon as possible", {Hint.SOONEST}),
        ("any day", {Hint.ANY_TIME, Hint.NEW_ONE, Hint.THE_DAY}),
        ("it has to be Monday", {Hint.ONLY}),
        ("someone else", {Hint.THE_DOCTOR}),
        ("can you move my Thursday appointment", {Hint.OWN_VISIT}),
        ("I won't be able to make it on time", {Hint.LATE, Hint.THE_DAY}),
        ("I'm running a few minutes late", {Hint.LATE, Hint.NEW_ONE}),
        ("I'm ten minutes behind", {Hint.LATE}),
        ("my period is late", set()),
        ("I'm running late, can you cancel it", {Hint.LATE} - {Hint.LATE}),
        ("Thursday at nine", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_hints(said: str, wanted: set[Hint]) -> None:
    assert set(read_hints(said)) == wanted


@given(st.text(max_size=200))
def test_any_text_is_read(said: str) -> None:
    assert set(read_hints(said)) <= set(Hint)


@given(
    st.sampled_from(["another day", "too late", "is this the soonest", "neither", "any time"]),
    st.sampled_from(["well ", "um okay so ", "doctor chen said ", "to be honest "]),
)
def test_what_stands_before_a_hint_takes_nothing_from_it(said: str, before: str) -> None:
    assert set(read_hints(said)) <= set(read_hints(before + said))


@pytest.mark.parametrize(
    ("table", "said", "place"),
    [
        ("a/b c", "x b c", (1, 3)),
        ("a b? c", "a c", (0, 2)),
        ("a b? c", "a b c d", (0, 3)),
        ("a b* c", "a b b b c", (0, 5)),
        ("a . c", "a anything c", (0, 3)),
        ("a . c", "a c", None),
        ("n't go", "i won't go", (1, 3)),
        ("make_it/come late", "to make it late", (1, 4)),
        ("a|b", "c b", (1, 2)),
        ("a b", "a", None),
    ],
)
def test_the_notation(table: str, said: str, place: tuple[int, int] | None) -> None:
    assert find(said.split(), patterns(table)) == place
