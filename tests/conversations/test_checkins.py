"""Patients call about their check-ins: what is asked, what staff get, what stands in the chart."""

from __future__ import annotations

from ehr_writeback.note import write_checked_note
from models.desk import tasks_of
from models.domain import CallRecord, CheckinStatus, FileCheckin, TaskKind
from tests.conversations.conftest import MARIA, KeyboardCall, Line

HELEN, WALTER, TERESA, FRANK = "+16175550181", "+16175550182", "+16175550183", "+16175550184"
NINA, OSCAR, GRACE = "+16175550185", "+16175550186", "+16175550187"
BORN = {
    HELEN: ("Helen Carter", "May 14 1947"),
    WALTER: ("Walter Kim", "February 11 1952"),
    TERESA: ("Teresa Alvarez", "September 30 1966"),
    FRANK: ("Frank Russo", "January 25 1959"),
    NINA: ("Nina Shah", "July 7 1988"),
    OSCAR: ("Oscar Bennett", "October 3 1979"),
    GRACE: ("Grace Turner", "December 12 1961"),
    MARIA: ("Maria Lopez", "March 5 1981"),
}


async def due(line: Line, number: str, why: str = "I'm calling back about my check-in") -> KeyboardCall:
    """A call of a patient who is due, after identity."""
    call = await line.call(number)
    await call.all_of(why, *BORN[number])
    return call


def filed(record: CallRecord) -> FileCheckin:
    (found,) = [done.action for done in record.done if isinstance(done.action, FileCheckin)]
    return found


async def kinds(call: KeyboardCall) -> list[str]:
    call_id = call.keyboard.conversation.call_id
    tasks = await call.services.storage.read(lambda session: tasks_of(session, call_id))
    return [task.kind for task in tasks]


async def test_a_weight_check_after_the_hospital(line: Line) -> None:
    call = await due(line, HELEN, "I'm calling back about my weight check")
    assert "short of breath right now" in call.heard[-1]
    await call.all_of("no", "no, none", "no", "one eighty two")
    reply = await call.says("I gained four pounds since yesterday and my ankles are swollen")
    assert reply == "And how many pounds over the last week?"
    reply = await call.all_of("five", "no", "no", "no", "no I'm not")
    assert reply.startswith("Our team will call you today. If you get worse, call 911.")
    record = await call.hangs_up()
    assert await kinds(call) == ["same-day-callback"]
    assert filed(record).code == "D2"
    (response,) = await call.chart("QuestionnaireResponse", patient="Patient/pt-1041")
    assert (response["status"], response["questionnaire"]) == (
        "completed",
        "urn:firstring:questionnaire:heart-failure|1.0.0",
    )
    (weight,) = await call.chart("Observation", patient="Patient/pt-1041", code="29463-7")
    assert weight["valueQuantity"]["value"] == 182
    assert weight["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]


async def test_after_the_hospital_the_hospital_is_asked_about_first(line: Line) -> None:
    call = await due(line, HELEN)
    await call.says("no")
    assert "do you feel better, the same, or worse?" in call.heard[-1]
    await call.all_of("about the same", "no", "no I couldn't")
    assert "What kept you from it" in call.heard[-1]
    await call.all_of(
        "it was too expensive", "yes", "no I don't", "yes", "no", "yes it's here", "my daughter"
    )
    assert "Our team will call you today." in call.heard[-1]
    assert set(await kinds(call)) == {"med-rec-discrepancy", "sdoh-referral", "schedule-assist"}


async def test_cut_off_in_the_middle_and_taken_up_where_it_was(line: Line) -> None:
    call = await due(line, WALTER)
    await call.all_of("no", "no", "no", "no", "yes I'm coughing a lot more")
    record = await call.hangs_up()
    assert filed(record).status is CheckinStatus.IN_PROGRESS
    assert set(await kinds(call)) == {TaskKind.SAME_DAY_CALLBACK, TaskKind.ROUTINE_MESSAGE}
    again = await due(line, WALTER, "You called me for a check-in and we got cut off")
    assert "Let's go on with your questions. Is there more mucus" in again.heard[-1]
    await again.all_of("no", "no", "no", "no")
    whole = filed(await again.hangs_up())
    assert whole.status is CheckinStatus.COMPLETED
    assert [answer.value for answer in whole.answers] == [
        "no",
        "no",
        "no",
        "no",
        "yes",
        "no",
        "no",
        "no",
        "no",
    ]
    third = await due(line, WALTER)
    assert "while you rest" in third.heard[-1], "what is finished is not gone on with"


async def test_two_hundred_over_one_ten_with_a_symptom(line: Line) -> None:
    call = await due(line, FRANK, "you asked me to call about my blood pressure check")
    await call.says("it was two hundred over one ten")
    assert "chest pain, a bad headache" in call.heard[-1]
    reply = await call.says("yes a bad headache")
    assert "call 911 now" in reply
    record = await call.hangs_up()
    assert filed(record).status is CheckinStatus.STOPPED
    assert "red-flag-911" in await kinds(call)


async def test_a_low_sugar_told_by_number(line: Line) -> None:
    call = await due(line, TERESA)
    await call.all_of("no", "it was sixty two")
    assert "hard to swallow" in call.heard[-1]
    await call.all_of("no", "no")
    assert "Our team will call you today." in call.heard[-1]


async def test_the_ninth_question_ends_the_score(line: Line) -> None:
    call = await due(line, OSCAR)
    assert "Little interest or pleasure" in call.heard[-1]
    await call.all_of("nearly every day", "more than half the days", *["not at all"] * 6)
    assert "better off dead" in call.heard[-1]
    reply = await call.says("several days")
    assert "988" in reply
    record = await call.hangs_up()
    assert filed(record).code == "D0-988"
    assert [score.name for score in filed(record).scores] == ["phq2", "phq9"]


async def test_the_mood_check_in_by_keys(line: Line) -> None:
    call = await due(line, OSCAR)
    await call.presses("2")
    await call.presses("1")
    assert "I'll pass this to your care team." in call.heard[-1]
    whole = filed(await call.hangs_up())
    assert [(score.name, score.total) for score in whole.scores] == [("phq2", 1)]
    assert not any("minimal" in reply or "mild" in reply for reply in call.heard)


async def test_missed_medicines(line: Line) -> None:
    call = await due(line, GRACE)
    await call.all_of("about three", "they make me sick", "my stomach hurts after I take them")
    assert "Our team will call you today." in call.heard[-1]


async def test_a_symptom_of_a_patient_after_surgery_goes_to_their_own_questions(line: Line) -> None:
    call = await line.call(NINA)
    asked = await call.says("my incision itches a lot since yesterday")
    assert asked == "Since the surgery, is there a swollen calf, a fever, bleeding, or the wound opening?"
    await call.all_of("no, none of those", *BORN[NINA])
    assert "short of breath, or do you have chest pain?" in call.heard[-1]


async def test_a_symptom_of_a_patient_without_a_check_in_keeps_the_general_questions(line: Line) -> None:
    call = await due(line, MARIA, "I have had a bad backache since yesterday")
    assert "When did it start?" in call.heard[-1]


async def test_who_is_due_for_none_leaves_a_message(line: Line) -> None:
    call = await due(line, MARIA, "I'm returning your call about a check-in")
    assert "pass this on" in call.heard[-1] or "What would you like me to tell them?" in call.heard[-1]


async def test_nobody_unknown_is_asked_anything(line: Line) -> None:
    call = await line.call("+16175550199")
    await call.all_of("you called me for a check-in", "Helen Carter", "May 15 1947", "90210", "Helen Carter")
    assert not any("short of breath" in reply or "weigh" in reply for reply in call.heard)


async def test_a_sign_told_before_it_was_asked_about_is_quoted_as_it_was_told(line: Line) -> None:
    call = await due(line, FRANK, "I'm supposed to do the blood pressure check in")
    told = "It's one ninety over one twenty five and my head is pounding and I can't see straight."
    assert "call 911 now" in await call.says(told)
    record = await call.hangs_up()
    assert [flag.quote for flag in record.red_flags if flag.red_flag_id == "check-in"] == [told]
    assert write_checked_note(record).faults == ()
