"""Two wishes in one breath."""

from __future__ import annotations

from intents.head import Scored
from intents.parts import MOST_PARTS, parts, with_parts
from models.domain import Intent

REFILL, SYMPTOM, STRANGER = Intent.REFILL_REQUEST, Intent.SYMPTOM_REPORT, Intent.OUT_OF_SCOPE


def scored(*wishes: tuple[Intent, float]) -> Scored:
    return Scored(wishes, bool(wishes), 0.9)


def test_a_sentence_is_cut_where_wishes_are_joined() -> None:
    said = "i'm out of my pills and i still have that cough"
    assert parts(said) == ["i'm out of my pills", "i still have that cough"]


def test_what_is_too_short_for_a_wish_is_no_part() -> None:
    assert parts("my head and neck hurt badly") == []
    assert parts("i need a refill") == []


def test_an_endless_sentence_is_not_read_in_endless_parts() -> None:
    assert len(parts(" and ".join(["i need my pills"] * 500))) == MOST_PARTS


def test_a_part_that_is_sure_adds_its_wish_and_one_that_is_not_adds_none() -> None:
    whole = scored((REFILL, 0.8))
    assert with_parts(whole, [scored((REFILL, 0.9)), scored((SYMPTOM, 0.9))]).intents == (
        (REFILL, 0.8),
        (SYMPTOM, 0.9),
    )
    assert with_parts(whole, [scored((REFILL, 0.9)), scored((SYMPTOM, 0.6))]) == whole
    assert with_parts(whole, [scored((REFILL, 0.9)), scored()]) == whole


def test_a_part_makes_no_courtesy_and_no_stranger() -> None:
    whole = scored((REFILL, 0.8))
    assert with_parts(whole, [scored((Intent.GOODBYE, 0.95)), scored((STRANGER, 0.95))]) == whole


def test_a_stranger_or_a_refusal_is_not_talked_round_by_a_part() -> None:
    assert with_parts(scored((STRANGER, 0.9)), [scored((REFILL, 0.9))]) == scored((STRANGER, 0.9))
    assert with_parts(scored(), [scored((REFILL, 0.9))]) == scored()
