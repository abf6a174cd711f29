"""Check-ins by questionnaire: each disposition of each, reached by a call."""

from __future__ import annotations

import pytest

from models.domain import CheckinStatus, Intent, NoInput, OpenTask, Phase, TaskKind
from tests.dialog.checkin_calls import BY_NAME, CheckinCall

WELL = {
    "heart-failure": ("no", "no", "no", "one eighty two", "none", "none", "no", "no", "no", "no", "no"),
    "copd": ("no",) * 9,
    "diabetes": ("no", "one ten", "no"),
    "hypertension": ("one thirty over eighty", "no"),
    "post-surgical": ("no",) * 6 + ("yes", "three", "yes", "yes"),
    "post-discharge": (
        *("no", "better", "no", "yes", "yes", "yes", "December third", "yes", "no", "yes"),
        "my daughter and then the office",
    ),
    "adherence": ("zero",),
    "phq": ("not at all", "several days"),
}


@pytest.mark.parametrize("name", WELL)
def test_a_check_in_in_which_nothing_is_reported_is_passed_on_and_nobody_is_called_fine(name: str) -> None:
    call = CheckinCall(name)
    call.answers(*WELL[name])
    call.hears("I'll pass this to your care team.")
    (filed,) = call.filed
    assert (filed.status, filed.code) == (CheckinStatus.COMPLETED, "D3")
    assert filed.questionnaire == f"urn:firstring:questionnaire:{name}|1.0.0"
    assert filed.not_asked == ()
    assert call.tasks == [TaskKind.ROUTINE_MESSAGE]


@pytest.mark.parametrize(
    "said",
    [
        "I'm supposed to do the blood pressure check in.",
        "I'm supposed to do my blood pressure check-in",
        "Am I due for that pressure check in today?",
    ],
)
def test_who_is_supposed_to_do_a_check_in_books_no_visit(said: str) -> None:
    call = CheckinCall("hypertension", why="")
    call.says(said, Intent.SCHEDULE_BOOK)
    call.identifies()
    call.hears("blood pressure")
    call.answers(*WELL["hypertension"])
    assert [filed.code for filed in call.filed] == ["D3"]


def test_a_check_in_the_morning_is_a_visit() -> None:
    call = CheckinCall("hypertension", why="")
    call.says("I need to do a blood pressure check in the morning", Intent.SCHEDULE_BOOK, daypart="morning")
    call.identifies()
    call.hears("What kind of visit")


REFUSED = "I'd rather not say"
NURSE, TODAY = "I'm getting a nurse for you now.", "Our team will call you today."
EMERGENCY = "call 911 now"
DUE = {
    "breathless at rest": ("heart-failure", ("yes",), "D0", EMERGENCY),
    "chest pressure": ("heart-failure", ("no", "yes"), "D0", EMERGENCY),
    "pink foam": ("heart-failure", ("no", "no", "yes"), "D0", EMERGENCY),
    "three signs": (
        "heart-failure",
        (*WELL["heart-failure"][:4], "three pounds", "none", "yes", "yes"),
        "D1",
        NURSE,
    ),
    "three pounds": (
        "heart-failure",
        (*WELL["heart-failure"][:4], "three pounds", *WELL["heart-failure"][5:]),
        "D2",
        TODAY,
    ),
    "a new cough": ("heart-failure", (*WELL["heart-failure"][:9], "yes", "no"), "D2", TODAY),
    "cannot do anything": ("copd", ("no", "no", "no", "yes"), "D0", EMERGENCY),
    "drowsy": ("copd", ("no", "yes"), "D0", EMERGENCY),
    "more inhaler": ("copd", ("no",) * 6 + ("yes", "no", "no"), "D2", TODAY),
    "a sick day": ("diabetes", ("yes",), "D1", NURSE),
    "sixty two": ("diabetes", ("no", "sixty two", "no", "no"), "D2", TODAY),
    "forty eight, awake": ("diabetes", ("no", "forty eight", "no"), "D1", NURSE),
    "forty eight, confused": ("diabetes", ("no", "forty eight", "yes"), "D0", EMERGENCY),
    "two eighty twice": ("diabetes", ("no", "two eighty", "two sixty", "no"), "D2", TODAY),
    "two eighty once": ("diabetes", ("no", "two eighty", "one forty", "no"), "D3", "pass this"),
    "three twenty with ketones": ("diabetes", ("no", "three twenty", "yes"), "D0", EMERGENCY),
    "three twenty": ("diabetes", ("no", "three twenty", "no", "two hundred", "no"), "D2", TODAY),
    "a foot wound": ("diabetes", ("no", "one ten", "yes"), "D2", TODAY),
    "200/110 with a symptom": ("hypertension", ("two hundred over one ten", "yes"), "D0", EMERGENCY),
    "200/110 twice": (
        "hypertension",
        ("two hundred over one ten", "no", "one ninety over one hundred"),
        "D1",
        NURSE,
    ),
    "200/110 and no second": ("hypertension", ("two hundred over one ten", "no", "none"), "D1", NURSE),
    "200/110, then lower": (
        "hypertension",
        ("two hundred over one ten", "no", "one thirty over eighty", "no"),
        "D2",
        TODAY,
    ),
    "missed pills": ("hypertension", ("one thirty over eighty", "yes"), "D3", "pass this"),
    "breathless after surgery": ("post-surgical", ("yes",), "D0", EMERGENCY),
    "bleeding through": ("post-surgical", ("no", "yes"), "D0", EMERGENCY),
    "a sore calf": ("post-surgical", ("no", "no", "yes"), "D1", NURSE),
    "pain of eight": ("post-surgical", (*("no",) * 6, "yes", "eight", "yes", "yes"), "D2", TODAY),
    "worse since home": ("post-discharge", ("no", "worse", *WELL["post-discharge"][2:]), "D2", TODAY),
    "no ride": (
        "post-discharge",
        (*WELL["post-discharge"][:7], "no", "no", "yes", "my daughter"),
        "D2",
        TODAY,
    ),
    "a test to come": (
        "post-discharge",
        (*WELL["post-discharge"][:8], "yes", "yes", "my daughter"),
        "D3",
        "pass this",
    ),
    "a side effect": ("adherence", ("three", "side effects", "it makes my legs itch"), "D2", TODAY),
    "the cost": ("adherence", ("two", "the cost"), "D3", "pass this"),
    "PHQ-9 of ten": (
        "phq",
        ("nearly every day", "nearly every day", *("several days",) * 4, *("not at all",) * 3),
        "D2",
        TODAY,
    ),
    "PHQ-9 of four": (
        "phq",
        ("several days", "more than half the days", "several days", *("not at all",) * 6),
        "D3",
        "pass this",
    ),
    "the ninth item": (
        "phq",
        ("nearly every day",) * 2 + ("not at all",) * 6 + ("several days",),
        "D0-988",
        "988",
    ),
    "the ninth item, refused": (
        "phq",
        ("nearly every day",) * 2 + ("not at all",) * 6 + (REFUSED,),
        "D1",
        NURSE,
    ),
    "breathless at rest, lungs": ("copd", ("yes",), "D0", EMERGENCY),
    "coughing blood": ("copd", ("no", "no", "yes"), "D0", EMERGENCY),
    "a danger question refused, lungs": ("copd", (REFUSED, *("no",) * 8), "D2", TODAY),
    "a danger question refused, heart": (
        "heart-failure",
        (REFUSED, *WELL["heart-failure"][1:]),
        "D2",
        TODAY,
    ),
    "the sick day refused": ("diabetes", (REFUSED, *WELL["diabetes"][1:]), "D2", TODAY),
    "three twenty, ketones refused": ("diabetes", ("no", "three twenty", REFUSED), "D1", NURSE),
    "200/110, symptoms refused": ("hypertension", ("two hundred over one ten", REFUSED), "D1", NURSE),
    "the calf refused": ("post-surgical", ("no", "no", REFUSED, *WELL["post-surgical"][3:]), "D2", TODAY),
    "no bowel movement": (
        "post-surgical",
        (*WELL["post-surgical"][:6], "no", *WELL["post-surgical"][7:]),
        "D2",
        TODAY,
    ),
    "medicines not there after surgery": (
        "post-surgical",
        (*WELL["post-surgical"][:9], "no"),
        "D2",
        TODAY,
    ),
    "chest pain at home": ("post-discharge", ("yes",), "D0", EMERGENCY),
    "the danger question refused, at home": (
        "post-discharge",
        (REFUSED, *WELL["post-discharge"][1:]),
        "D2",
        TODAY,
    ),
    "medicines not taken as told": (
        "post-discharge",
        (*WELL["post-discharge"][:4], "no", *WELL["post-discharge"][5:]),
        "D2",
        TODAY,
    ),
    "the follow-up not known": (
        "post-discharge",
        (*WELL["post-discharge"][:5], "no", *WELL["post-discharge"][7:]),
        "D2",
        TODAY,
    ),
    "no help at home": (
        "post-discharge",
        (*WELL["post-discharge"][:9], "no", "my daughter"),
        "D2",
        TODAY,
    ),
    "nobody to call": ("post-discharge", (*WELL["post-discharge"][:10], "I don't know"), "D2", TODAY),
    "nobody at all to call": ("post-discharge", (*WELL["post-discharge"][:10], "nobody really"), "D2", TODAY),
    "not sure how to take it": ("adherence", ("three", "I get confused about them"), "D3", "pass this"),
}


@pytest.mark.parametrize("case", DUE)
def test_what_an_answer_leads_to(case: str) -> None:
    name, said, code, heard = DUE[case]
    call = CheckinCall(name)
    call.answers(*said)
    call.hears(heard)
    (filed,) = call.filed
    assert filed.code == code
    assert filed.reasons or code == "D3"
    assert call.tasks or code == "D1"  # the nurse is on the line
    assert bool(call.paged) is (code in ("D0", "D0-988", "D1"))
    status = CheckinStatus.COMPLETED if code in ("D2", "D3") else CheckinStatus.STOPPED
    assert filed.status is status


def test_every_rule_of_every_questionnaire_is_reached_by_a_call() -> None:
    reached: dict[str, set[str]] = {}
    for name, said, _, _ in DUE.values():
        call = CheckinCall(name)
        call.answers(*said)
        reached.setdefault(name, set()).update(call.filed[0].reasons)
    for name, one in BY_NAME.items():
        assert {rule.reason for rule in one.rules} == reached[name], name


# --------------------------------------------------------------------------- the talk itself


def test_one_sentence_answers_two_questions_and_neither_is_asked() -> None:
    call = CheckinCall("heart-failure")
    call.answers("no", "no", "no", "one eighty two")
    call.hears("How many pounds have you gained since yesterday?")
    call.answers("I gained four pounds since yesterday and my ankles are swollen")
    call.hears("over the last week?")
    call.answers("five")
    call.hears("more pillows")
    call.answers("no", "no", "no", "no")
    call.hears(TODAY)
    by_id = {answer.link_id: answer for answer in call.filed[0].answers}
    assert by_id["weight-day"].value == "4"
    assert by_id["swelling"].present is True
    assert by_id["swelling"].quote == "I gained four pounds since yesterday and my ankles are swollen"


def test_what_was_said_on_asking_for_the_check_in_is_not_asked_again() -> None:
    call = CheckinCall(
        "heart-failure",
        why="You asked me to call about my weight check, I gained four pounds since yesterday",
    )
    call.answers("no", "no", "no", "one eighty two")
    call.hears("over the last week?")


def test_no_three_pounds() -> None:
    call = CheckinCall("heart-failure")
    call.answers("no", "no", "no", "one eighty two", "two", "none")
    call.hears("swelling")
    call.says("no, three pounds", yes_no=False)
    call.hears("All right. Is there more swelling")
    call.answers("no", "no", "no", "no", "no")
    assert {a.link_id: a.value for a in call.filed[0].answers}["weight-week"] == "3"
    assert call.filed[0].code == "D3"


def test_go_back() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no", "no", "no", "no")
    call.hears("mucus")
    call.answers("go back please")
    call.hears("coughing more")
    call.answers("yes")
    call.hears("mucus")


def test_a_refusal_stays_a_refusal() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no", "no", "no", "I'd rather not say")
    call.hears("mucus")
    call.answers("I don't know", "no", "no", "no")
    by_id = {answer.link_id: answer for answer in call.filed[0].answers}
    assert (by_id["cough"].absent, by_id["cough"].value, by_id["cough"].present) == (
        "asked-declined",
        "",
        None,
    )
    assert by_id["mucus"].absent == "asked-unknown"


def test_a_refused_danger_question_is_no_emergency_and_somebody_calls_today() -> None:
    call = CheckinCall("copd")
    call.answers("I'd rather not say", *("no",) * 8)
    call.hears(TODAY)
    assert call.filed[0].code == "D2"


def test_the_ninth_question_refused_brings_a_nurse() -> None:
    call = CheckinCall("phq")
    call.answers(*("nearly every day",) * 2, *("not at all",) * 6, "I'd rather not say")
    call.hears(NURSE)


@pytest.mark.parametrize("name", ["heart-failure", "phq"])
def test_a_danger_question_that_is_twice_not_answered_counts_as_a_yes(name: str) -> None:
    before = () if name == "heart-failure" else ("nearly every day",) * 2 + ("not at all",) * 6
    for how in ("words", "silence"):
        call = CheckinCall(name)
        call.answers(*before)
        for _ in range(2):
            call.answers("well you know how it is") if how == "words" else call.event(NoInput())
        assert call.filed[0].code.startswith("D0"), how
        assert call.state.phase is Phase.HANDOFF


def test_stopping_early_keeps_what_was_answered_and_leaves_a_task() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no", "no", "no", "yes", "I have to go now")
    call.hears("we'll stop here", TODAY)
    (filed,) = call.filed
    assert filed.status is CheckinStatus.STOPPED
    assert "more or changed mucus" in filed.not_asked
    assert set(call.tasks) == {TaskKind.SAME_DAY_CALLBACK, TaskKind.ROUTINE_MESSAGE}


def test_a_danger_in_other_words_in_the_middle_wins_and_the_answers_are_kept() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no", "no", "no", "yes")
    call.says("I have crushing chest pain")
    call.hears(EMERGENCY)
    (filed,) = call.filed
    assert filed.status is CheckinStatus.STOPPED
    assert [answer.value for answer in filed.answers] == ["no", "no", "no", "no", "yes"]


def test_a_person_is_one_word_away_and_the_answers_are_kept() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no")
    call.says("a person please", Intent.HUMAN_AGENT)
    call.hears("connecting you")
    assert len(call.filed[0].answers) == 2


def test_another_symptom_is_kept_in_its_words_and_called_about_today() -> None:
    call = CheckinCall("copd")
    call.answers("no", "no", "no", "no", "I've had a headache all week")
    call.hears("I'll note that. Are you coughing more")
    call.answers("no", "no", "no", "no", "no")
    call.hears(TODAY)
    assert "also told: I've had a headache all week" in call.ordered_of(OpenTask)[-1].summary


def test_numbers_no_living_person_has_are_asked_again() -> None:
    call = CheckinCall("diabetes")
    call.answers("no", "five thousand")
    call.hears("Please say just the number.")
    call.answers("one ten")
    call.hears("wound on your foot")


def test_pounds_from_kilos_and_a_loss_is_no_gain() -> None:
    call = CheckinCall("heart-failure")
    call.answers("no", "no", "no", "eighty three kilos", "I lost two pounds")
    given = {name: value for name, value in call.state.slots.items() if name.startswith("a.")}
    assert given["a.weight"] == "183"
    assert given["a.weight-day"] == "-2"


def test_i_am_fine_is_neither_yes_nor_no() -> None:
    call = CheckinCall("copd")
    call.says("I'm fine", Intent.AFFIRM)
    call.hears("Is that a yes or a no?")
    call.answers("no")
    call.hears("very drowsy")


def test_a_yes_to_a_danger_question_is_not_asked_about_again() -> None:
    call = CheckinCall("hypertension")
    call.answers("two hundred over one ten")
    call.says("yes a headache", yes_no=True, symptom="headache")
    call.hears(EMERGENCY)


def test_a_reading_told_on_asking_for_the_check_in_is_taken() -> None:
    call = CheckinCall("hypertension", why="")
    call.says("it is one thirty over eighty", Intent.CHECKIN_RETURN, blood_pressure="130/80 mmHg")
    call.identifies()
    call.hears("missed any blood pressure pills")
    call.says("no I take them every day", yes_no=False)
    assert call.filed[0].answers[0].value == "130/80"


def test_a_very_high_pressure_told_with_a_symptom_waits_for_no_further_question() -> None:
    call = CheckinCall("hypertension")
    call.answers("it's one ninety over one twenty five and my head is pounding and I can't see straight")
    call.hears(EMERGENCY)
    assert len(call.paged) == 1
    other = CheckinCall("hypertension")
    other.answers("it's one thirty over eighty and I had a headache last week")
    assert not other.paged
