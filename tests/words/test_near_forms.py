"""A first look leaves out only what cannot be near: with it and without it the same is found."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from words import formulary
from words.near_forms import NearForms
from words.phonetic import most_similarities, most_similarity, plain, similarity
from words.tokens import find_phrase, holds_any, longest_at, phrases, starts_with

FORMS = formulary.drug_names()[::3]
NEAR = NearForms([plain(form) for form in FORMS])
HEARD = st.one_of(
    st.text("abcdeilmnoprst ", max_size=12),
    st.sampled_from(FORMS).map(lambda form: form[1:]),
    st.sampled_from(FORMS).map(lambda form: form[:3] + "a" + form[4:]),
)
SAID = st.lists(st.sampled_from("no not i don't know think so yes".split()), max_size=8)
TABLE = phrases("no|not so|i don't know|i don't|don't know|no no|i think so yes")


@given(HEARD, st.sampled_from([0.3, 0.5, 0.6, 0.9]))
@settings(max_examples=60, deadline=None)
def test_the_nearest_forms_are_those_of_the_whole_table(heard: str, floor: float) -> None:
    letters = plain(heard)
    table = [plain(form) for form in FORMS]
    whole = process.extract(
        letters, table, scorer=Levenshtein.normalized_similarity, score_cutoff=floor, limit=12
    )
    assert NEAR.nearest(letters, floor=floor, limit=12) == [at for _, _, at in whole]


@given(HEARD, HEARD)
@settings(max_examples=100, deadline=None)
def test_nothing_is_more_alike_than_its_spelling_allows(heard: str, known: str) -> None:
    assert most_similarity(heard, known) >= similarity(heard, known)
    together = most_similarities([plain(heard), "a"], [plain(known)])
    assert together.shape == (2, 1)
    assert together[0, 0] >= np.float32(similarity(heard, known)) - 1e-4


@given(SAID)
@settings(max_examples=100, deadline=None)
def test_a_table_is_searched_as_its_phrases_are(said: list[str]) -> None:
    for at in range(-1, len(said) + 1):
        one_by_one = [len(phrase) for phrase in TABLE if starts_with(said, at, phrase)]
        assert longest_at(said, at, TABLE) == max(one_by_one, default=0)
    assert holds_any(said, TABLE) == any(find_phrase(said, phrase) is not None for phrase in TABLE)


@given(SAID)
@settings(max_examples=100, deadline=None)
def test_a_phrase_is_found_at_its_first_place(said: list[str]) -> None:
    for phrase in TABLE:
        places = [at for at in range(len(said)) if starts_with(said, at, phrase)]
        assert find_phrase(said, phrase) == min(places, default=None)
