"""What may be said where: looking at a whole list together finds what comparing one by one finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from intents.readers.likeness import alike, likely_places

FORMS = tuple(tuple(form.split()) for form in (
    "main street pharmacy", "main", "cvs on oak avenue", "cvs", "24", "24 hour drugs", "doctor chen", "chen",
))  # fmt: skip
SAID = st.lists(
    st.one_of(
        st.sampled_from(
            "main street pharmacy farmacy cvs on oak avenue 24 hour drugs doctor chen mane 25".split()
        ),
        st.text("acehimnrst", min_size=1, max_size=6),
    ),
    max_size=7,
)
MOST = 4


@given(SAID, st.sampled_from([0.74, 0.8, 0.86]))
@settings(max_examples=80, deadline=None)
def test_nothing_that_is_alike_is_left_out(said: list[str], floor: float) -> None:
    places = likely_places(said, FORMS, MOST, floor)
    for form, windows in zip(FORMS, places, strict=True):
        one_by_one = [
            (at, size)
            for size in range(1, MOST + 1)
            for at in range(len(said) - size + 1)
            if alike(tuple(said[at : at + size]), form, floor) >= floor
        ]
        assert [place for place in windows if place in one_by_one] == one_by_one


def test_most_of_a_sentence_is_left_out() -> None:
    said = "i was hoping to pick it up at the mane street farmacy some time this week if i can".split()
    places = likely_places(said, FORMS, MOST, 0.86)
    assert sum(len(windows) for windows in places) < 70  # of 8 forms in 70 windows each
    assert (9, 3) in places[0]


def test_what_is_less_alike_than_asked_for_is_not_alike() -> None:
    near = alike(("mane",), ("main",), 0.5)
    assert 0.8 < near < 1.0
    assert alike(("mane",), ("main",), near) == near
    assert alike(("mane",), ("main",), near + 0.001) == 0.0
    assert alike(("24", "hour"), ("24", "hour"), 0.9) == 1.0


def test_nothing_is_said_in_silence_and_nothing_of_an_empty_list() -> None:
    assert likely_places([], FORMS, MOST, 0.8) == [[]] * len(FORMS)
    assert likely_places(["main"], [], MOST, 0.8) == []
