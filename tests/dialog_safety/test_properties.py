"""What must hold for any words: no error, no alarm lost to politeness, speed."""

from __future__ import annotations

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.safety import CATALOGUE, assess, screen
from tests.dialog_safety.negatives import NEGATIVES
from tests.dialog_safety.positives import POSITIVES

CASES = [(flag_id, text) for flag_id, texts in POSITIVES.items() for text in texts]
BEFORE = (
    "",
    "Hi, ",
    "hello, this is Ruth. ",
    "um ",
    "Yes, please, ",
    "good morning, ",
    "uh, well, ",
    "¡",
    "... ",
)
AFTER = ("", " please", ".", "!!", ", thank you", " thank you ma'am", ". Please help", "...", "?!")
CASING = (str, str.upper, str.title)
VOCABULARY = sorted({word for text in (*NEGATIVES, *(t for _, t in CASES)) for word in text.split()})
P99_LIMIT_S = 0.1  # fifty times the budget of 2 ms: a bad pattern fails, a slow machine does not


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_screen(text: str) -> None:
    assess([text])
    assess([text], asked="RF01")


@given(st.lists(st.sampled_from(VOCABULARY), max_size=60).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_no_sequence_of_words_breaks_the_screen(text: str) -> None:
    found = assess([text, text[::-1]])
    assert (found.flag is None) == (found.raised == ())
    assert (found.flag is None) == (found.code is None)


@given(
    st.sampled_from(CASES),
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
    st.sampled_from(range(len(CASING))),
)
@settings(max_examples=400, deadline=None)
def test_politeness_casing_and_punctuation_hide_nothing(
    case: tuple[str, str], before: str, after: str, casing: int
) -> None:
    flag_id, text = case
    said = before + CASING[casing](text) + after
    assert flag_id in {flag.red_flag_id for flag in assess([said]).raised}, said


@given(st.sampled_from(CASES), st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_a_stammer_hides_nothing(case: tuple[str, str], place: int) -> None:
    flag_id, text = case
    words = text.split()
    at = min(place, len(words) - 1)
    said = " ".join([*words[: at + 1], "uh", *words[at:]]) if words[at].isalpha() else text
    assert flag_id in {flag.red_flag_id for flag in assess([said]).raised}, said


def test_five_alternatives_of_twenty_five_words_take_little_time() -> None:
    chance = random.Random(7)
    took: list[float] = []
    for _ in range(300):
        texts = [" ".join(chance.choices(VOCABULARY, k=25)) for _ in range(5)]
        started = time.thread_time()  # not the clock: the machine may be busy
        screen(texts)
        took.append(time.thread_time() - started)
    assert sorted(took)[int(len(took) * 0.99)] < P99_LIMIT_S


def test_a_very_long_turn_is_screened_to_its_end() -> None:
    denial = "no chest pain and "
    started = time.process_time()
    found = assess([denial * 400 + "my husband can't breathe"])
    assert time.process_time() - started < 3
    assert found.flag is not None
    assert found.flag.red_flag_id == "RF03"


def test_every_id_of_the_tables_is_in_the_catalogue() -> None:
    assert {flag_id for flag_id, _ in CASES} == {flag.id for flag in CATALOGUE}
