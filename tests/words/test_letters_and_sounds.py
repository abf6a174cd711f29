"""Letters, sounds of words, tokens and names."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from words.letters import parse_spelling, spelled
from words.names import nicknames, same_person_name
from words.phonetic import similarity
from words.tokens import tokens

NAME = st.text(string.ascii_lowercase, min_size=1, max_size=12)


@given(NAME)
def test_a_spelled_name_is_read_back(name: str) -> None:
    said = spelled(name).split()
    assert parse_spelling(said, 0) == (name.upper(), len(said))


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("m i l l e r", "MILLER"),
        ("m i double l e r", "MILLER"),
        ("s as in sam m i t h", "SMITH"),
        ("b for boy o b", "BOB"),
        ("november oscar", "NO"),
        ("double u h i t e", "WHITE"),
        ("o apostrophe b r i e n", "O'BRIEN"),
        ("l e e hyphen a n n", "LEE-ANN"),
        ("see h e n", "CHEN"),
    ],
)
def test_spellings(said: str, letters: str) -> None:
    found = parse_spelling(said.split(), 0)
    assert found is not None
    assert found[0] == letters


@given(NAME, NAME)
def test_likeness_is_symmetric_and_bounded(left: str, right: str) -> None:
    assert similarity(left, right) == similarity(right, left)
    assert 0 <= similarity(left, right) <= 1
    assert similarity(left, left) == 1


@pytest.mark.parametrize(
    ("heard", "known"),
    [("lysinopril", "lisinopril"), ("met four men", "metformin"), ("smyth", "smith"), ("mueller", "miller")],
)
def test_what_sounds_alike_is_alike(heard: str, known: str) -> None:
    assert similarity(heard, known) > 0.85


@pytest.mark.parametrize(
    ("one", "other"), [("metformin", "metronidazole"), ("celexa", "zyprexa"), ("a", "miller")]
)
def test_what_sounds_different_is_not(one: str, other: str) -> None:
    assert similarity(one, other) < 0.65


def test_nothing_is_like_nothing() -> None:
    assert similarity("", "") == 0
    assert similarity("123", "123") == 0


@given(st.text(max_size=200))
def test_tokens_stand_where_they_say(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        assert token.text == token.text.lower() or len(token.text) != token.end - token.start


def test_tokens_of_typed_and_heard_text() -> None:
    said = [token.text for token in tokens("It's 3/14/1958, at 2:20 p.m.")]
    assert " ".join(said) == "it's 3 / 14 / 1958 at 2 : 20 pm"


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("bob miller", "Robert Miller", 0.95),
        ("Susan Miller", "susan miller", 1.0),
        ("maria garcia", "Maria Garcia-Lopez", 0.9),
        ("suzan mueller", "Susan Miller", 0.85),
        ("susan j. miller", "Susan Miller", 1.0),
    ],
)
def test_the_same_person(one: str, other: str, least: float) -> None:
    assert same_person_name(one, other) >= least


@pytest.mark.parametrize(
    ("one", "other"),
    [("susan smith", "Susan Miller"), ("karl miller", "Susan Miller"), ("susan", "Susan Miller")],
)
def test_another_person(one: str, other: str) -> None:
    assert same_person_name(one, other) < 0.8


def test_nicknames_go_both_ways() -> None:
    assert "bob" in nicknames("Robert")
    assert "robert" in nicknames("bob")
    assert nicknames("xyzzy") == frozenset()
