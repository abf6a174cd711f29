"""What is said about a danger sign decides: each kind of statement, as a row of the assertion table."""

from __future__ import annotations

import pytest

from dialog.safety import Assessment, assess


def heard(text: str) -> Assessment:
    return assess([text])


def raised(text: str) -> tuple[str, str] | None:
    flag = heard(text).flag
    return (flag.red_flag_id, flag.disposition) if flag else None


def test_a_denial_is_noted_and_raises_nothing() -> None:
    assert heard("I don't have chest pain") == Assessment(denied=("RF01",))


def test_a_denial_reaches_along_a_list() -> None:
    found = heard("no chest pain, dizziness or trouble breathing")
    assert found == Assessment(denied=("RF01", "RF03"))


@pytest.mark.parametrize("turn", ["but", "however", "except", "though"])
def test_a_turn_in_the_sentence_ends_the_denial(turn: str) -> None:
    found = heard(f"no chest pain {turn} my arm is numb and my face feels weird")
    assert raised(f"no chest pain {turn} my arm is numb and my face feels weird") == ("RF02", "emergency")
    assert found.denied == ("RF01",)


@pytest.mark.parametrize("text", ["I had a heart attack in 2015", "my mother had a stroke"])
def test_the_past_is_history(text: str) -> None:
    found = heard(text)
    assert found.flag is None
    assert found.doubt is None
    assert [concern.quote for concern in found.history] == [text]


def test_recent_and_over_is_urgent_and_asked_about() -> None:
    text = "I had chest pain last night, it went away"
    assert raised(text) == ("RF01", "urgent")
    doubt = heard(text).doubt
    assert doubt is not None
    assert doubt.id == "RF01"


def test_a_stroke_sign_that_went_away_is_still_an_emergency() -> None:
    assert raised("my face went numb yesterday but it went away") == ("RF02", "emergency")


def test_another_person_present_counts_like_the_patient() -> None:
    assert raised("my husband can't breathe") == ("RF03", "emergency")


@pytest.mark.parametrize(
    "text",
    [
        "what should I do if I get chest pain?",
        "can this pill cause chest pain",
        "what if my chest starts hurting",
        "is chest pain normal after this shot",
        "I take nitroglycerin for chest pain",
        "I need an appointment about chest pain from my last visit",
    ],
)
def test_an_imagined_or_asked_sign_leads_to_a_question(text: str) -> None:
    found = heard(text)
    assert found.flag is None or text.startswith("I need")
    assert (found.doubt or found.flag) is not None


@pytest.mark.parametrize(
    "text",
    [
        "I wouldn't say I don't have chest pain",
        "kind of chest pain",
        "a little pressure in my chest",
        "I guess I have chest pain",
        "I guess I have a little chest pain",
        "I don't know if it's chest pain",
        "no fever and chest pain",
        "no, chest pain",
    ],
)
def test_a_doubtful_sign_leads_to_one_direct_question(text: str) -> None:
    found = heard(text)
    assert found.flag is None
    assert found.doubt is not None
    assert found.doubt.question == "Are you having chest pain right now?"


@pytest.mark.parametrize(
    ("text", "flag_id"),
    [
        ("not only chest pain", "RF01"),
        ("no relief from the chest pain", "RF01"),
        ("can't stop the bleeding", "RF05"),
        ("never had pain this bad in my chest", "RF01"),
        ("I can't sleep with this chest pain", "RF01"),
        ("the chest pain won't go away", "RF01"),
        ("I'm not feeling well, my chest hurts", "RF01"),
        ("it's not not there, the chest pain", "RF01"),
        ("I don't know what to do I can't breathe", "RF03"),
    ],
)
def test_a_negation_of_something_else_leaves_the_sign_present(text: str, flag_id: str) -> None:
    assert flag_id in {flag.red_flag_id for flag in heard(text).raised}


@pytest.mark.parametrize("noisy", ["chess pain", "just pain", "heart burn real bad"])
def test_misheard_chest_pain_raises_from_any_alternative(noisy: str) -> None:
    found = assess(["test plane", noisy])
    assert found.flag is not None
    assert found.flag.red_flag_id == "RF01"


@pytest.mark.parametrize(
    "text",
    [
        "dying to see the doctor",
        "this wait is killing me",
        "heart attack price",
        "chest x-ray",
        "stroke clinic",
    ],
)
def test_figures_of_speech_and_names_raise_nothing(text: str) -> None:
    assert heard(text) == Assessment()


@pytest.mark.parametrize(
    ("text", "flag_id"),
    [("me duele el pecho", "RF01"), ("no puedo respirar", "RF03"), ("quiero morir", "RF08")],
)
def test_spanish_counts_from_the_first_day(text: str, flag_id: str) -> None:
    assert flag_id in {flag.red_flag_id for flag in heard(text).raised}


def test_a_denial_in_one_breath_does_not_cancel_a_sign_in_the_next() -> None:
    assert raised("my chest hurts. I don't have chest pain") == ("RF01", "emergency")


def test_the_most_urgent_sign_wins() -> None:
    assert raised("my stitches popped and I can't breathe") == ("RF03", "emergency")


def test_hedges_do_not_soften_thoughts_of_suicide() -> None:
    assert raised("I guess I kind of want to die") == ("RF08", "emergency")


def test_an_own_past_of_self_harm_is_asked_about_but_a_relatives_is_not() -> None:
    own, relatives = heard("I tried to kill myself years ago"), heard("my uncle killed himself years ago")
    assert own.doubt is not None
    assert own.doubt.id == "RF08"
    assert relatives.doubt is None
    assert relatives.flag is None
