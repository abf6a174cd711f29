"""What a practice adds to the danger catalogue: its phrases raise their sign, and take nothing away."""

from __future__ import annotations

import pytest

from dialog.safety import CATALOGUE, assess
from dialog.safety.added import problem_of
from dialog.safety.screen import matcher
from dialog.safety.text import spoken
from models.domain import DangerPhrase
from models.errors import PhraseError
from tests.dialog_safety.positives import POSITIVES
from tests.dialog_safety.witnesses import answer

TOWN = (
    DangerPhrase("RF03", "Can't raise my/her ~ bellows"),
    DangerPhrase("RF12", "{young_infant} + like lava"),
    DangerPhrase("RF01", "Mule's kick & {chest}"),
)
EVERYDAY = tuple(map(spoken, ["i'd like a refill", "a refill please", "my refill", "what are your hours"]))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("RF03 emergency", "he's blue. I cannot raise my poor old bellows"),
        ("RF12 urgent", "She feels like lava, and she's three weeks old"),
        ("RF01 emergency", "it's like a mule kick right in my chest"),
        ("silent", "i used to say i can't raise my bellows"),
        ("asks RF03", "what if i can't raise my bellows"),
        ("silent", "i don't have that mule kick in my chest"),
    ],
)
def test_an_added_phrase_is_heard_and_judged_like_the_catalogue_s(expected: str, said: str) -> None:
    assert answer(assess([said], added=TOWN)) == expected
    assert answer(assess([said])) == "silent"


def test_the_catalogue_stays_whole_beside_them() -> None:
    whole = [(sign.flag.id, sign.code, sign.parts) for sign in matcher().signs]
    assert [(sign.flag.id, sign.code, sign.parts) for sign in matcher(TOWN).signs][: len(whole)] == whole


@pytest.mark.parametrize("flag_id", sorted(POSITIVES))
def test_every_sign_of_the_catalogue_is_raised_beside_them(flag_id: str) -> None:
    for said in POSITIVES[flag_id][::4]:
        assert assess([said], added=TOWN).raised == assess([said]).raised


@pytest.mark.parametrize(
    ("phrase", "problem"),
    [
        ("", "begin and end with a word"),
        ("~ bellows", "begin and end with a word"),
        ("legs gone cold?", "begin and end with a word"),
        ("bellows + ~ gone", "begin and end with a word"),
        ("!!", "no word and no sign"),
        ("a/ b", "no word and no sign"),
        ("my {bellows} hurt", "no word group {bellows}"),
        ("gone ^ cold", "^ stands at the beginning"),
        ("bellows ~ gone ~~ cold ~ grey ~ still", "3 gaps"),
        ("gone " * 21, "20 words at most"),
        ("feels bad", "only words that everybody uses"),
        ("refill", "too common: 3 of 4 everyday sentences"),
    ],
)
def test_a_phrase_that_cannot_be_used_is_refused_with_the_reason(phrase: str, problem: str) -> None:
    assert problem in problem_of(phrase, EVERYDAY)


@pytest.mark.parametrize("one", TOWN, ids=lambda one: one.phrase)
def test_a_phrase_that_can_be_used_is_not_refused(one: DangerPhrase) -> None:
    assert problem_of(one.phrase, EVERYDAY) == ""


def test_an_unread_phrase_never_reaches_the_screen_in_silence() -> None:
    with pytest.raises(PhraseError):
        assess(["hello"], added=(DangerPhrase(CATALOGUE[0].id, "~ bellows"),))
    with pytest.raises(KeyError):
        assess(["hello"], added=(DangerPhrase("RF99", "bellows"),))
