"""What is said of visits and openings beside values, and the notation that its tables are written in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.remarks import read_remarks
from models.domain import Remark
from words.patterns import find, patterns


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("do you have anything earlier", {Remark.EARLIER, Remark.NEW_ONE, Remark.HAVE_YOU}),
        ("that's too early", {Remark.LATER}),
        ("that is too far out", {Remark.EARLIER}),
        ("the later one", {Remark.LATER, Remark.NAMED_ONE}),
        ("later that morning", {Remark.LATER, Remark.IN_THE_DAY}),
        ("a different week", {Remark.OTHER_DAY, Remark.OTHERS, Remark.NEW_ONE, Remark.THE_DAY}),
        ("other times", {Remark.OTHER_TIME, Remark.OTHERS}),
        ("neither of those, do you have Monday", {Remark.NOT_THESE, Remark.OTHERS, Remark.HAVE_YOU}),
        ("neither Monday nor Tuesday", {Remark.OTHERS}),
        ("is that really the earliest you have?", {Remark.IF_SOONEST, Remark.SOONEST, Remark.HAVE_YOU}),
        ("as soon as possible", {Remark.SOONEST}),
        ("any day", {Remark.ANY_TIME, Remark.NEW_ONE, Remark.THE_DAY}),
        ("it has to be Monday", {Remark.ONLY}),
        ("someone else", {Remark.THE_DOCTOR}),
        ("can you move my Thursday appointment", {Remark.OWN_VISIT}),
        ("I won't be able to make it on time", {Remark.LATE, Remark.THE_DAY}),
        ("I'm running a few minutes late", {Remark.LATE, Remark.NEW_ONE}),
        ("I'm ten minutes behind", {Remark.LATE}),
        ("my period is late", set()),
        ("I'm running late, can you cancel it", {Remark.LATE} - {Remark.LATE}),
        ("Thursday at nine", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_remarks(said: str, wanted: set[Remark]) -> None:
    assert set(read_remarks(said)) == wanted


@given(st.text(max_size=200))
def test_any_text_is_read(said: str) -> None:
    assert set(read_remarks(said)) <= set(Remark)


@given(
    st.sampled_from(["another day", "too late", "is this the soonest", "neither", "any time"]),
    st.sampled_from(["well ", "um okay so ", "doctor chen said ", "to be honest "]),
)
def test_what_stands_before_a_remark_takes_nothing_from_it(said: str, before: str) -> None:
    assert set(read_remarks(said)) <= set(read_remarks(before + said))


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
