"""Who calls, in whole calls: codes by text, locked numbers, people who call for others, equal transcripts."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

import dialog
from ehr_writeback.note import write_note
from models.contact_tables import TextMessage
from models.desk import open_tasks
from models.domain import (
    CallTransferred,
    CancelVisit,
    IdentityLevel,
    OpenTask,
    PageStaff,
    RequestRefill,
    TaskKind,
)
from tests.conversations.conftest import JAMES, MARIA, STRANGER, KeyboardCall, Line

DOROTHY = ("dorothy hill", "october thirtieth nineteen thirty eight")


def ordered(call: KeyboardCall, kind: type) -> list[object]:
    return [action for action, _ in call.keyboard.conversation.done if isinstance(action, kind)]


def level(call: KeyboardCall) -> IdentityLevel:
    return dialog.summary(call.keyboard.conversation.state).identity


async def texted_code(call: KeyboardCall) -> str:
    """The code, as whoever holds the telephone on file reads it."""
    found = await call.services.storage.read(lambda s: list(s.exec(select(TextMessage)).all()))
    return str(re.findall(r"\b\d{6}\b", found[-1].body)[0])


async def test_the_list_of_medicines_is_read_once_the_code_was_right(line: Line) -> None:
    call = await line.call(STRANGER)
    asked = await call.all_of("what medicines am i on", "maria lopez", "march fifth nineteen eighty one")
    assert asked == "You are the patient, born March fifth, nineteen eighty-one. Is that right?"
    asked = await call.all_of("yes", "oh two one one one")
    assert asked.endswith(
        "To read from a chart I need one more check. May I text a code to the mobile number on file?"
    )
    assert "Please say or key in its six digits." in await call.says("yes please")
    found = await call.services.storage.read(lambda s: list(s.exec(select(TextMessage)).all()))
    assert [text.to_number for text in found] == [MARIA], "never to the number that calls"
    reply = await call.says(" ".join(await texted_code(call)))
    assert "I can read lisinopril 10 milligrams." in reply
    assert level(call) is IdentityLevel.L2
    note = write_note(await call.hangs_up())
    assert "Identity: level L2 (full name, birth date, number or ZIP on file, and one-time code)" in note
    assert "One-time code: right" in note
    assert await texted_code(call) not in note


async def test_the_code_by_keys_and_the_last_visit(line: Line) -> None:
    call = await line.call(JAMES)
    await call.all_of("when was my last visit", "james walker", "march third nineteen fifty eight", "yes")
    reply = await call.presses(await texted_code(call))
    assert (
        "The last visit was on Friday, September twenty-fifth, twenty twenty-six with Doctor Chen." in reply
    )


async def test_a_refill_is_read_out_with_its_strength_only_after_the_code(line: Line) -> None:
    call = await line.call(MARIA)
    await call.all_of("what medicines am i on", "maria lopez", "march fifth nineteen eighty one", "yes")
    await call.presses(await texted_code(call))
    reply = await call.all_of("i need a refill of my lisinopril", "no", "main street pharmacy")
    assert "10 milligrams" in reply
    other = await line.call(MARIA)
    await other.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    await other.all_of("no", "main street pharmacy")
    assert "10" not in " ".join(other.heard)


@pytest.mark.parametrize("wish", ["cancel my appointment", "what medicines am i on"])
async def test_a_known_and_an_unknown_person_hear_the_same(line: Line, wish: str) -> None:
    """Word for word, turn for turn, order for order, with one item wrong and with all of them made up."""
    claims = (
        ("maria lopez", "march sixth nineteen eighty one", "oh two one one one"),  # one digit off
        ("maria lopez", "march fifth nineteen eighty one", "oh nine nine one one"),  # another ZIP
        ("walter green", "june second nineteen sixty six", "oh three one one one"),  # nobody's
    )
    calls = []
    for name, born, code in claims:
        call = await line.call("")
        await call.all_of(wish, name, born, "yes", code, name, " ".join(name.split()[0]), code, "no")
        calls.append(call)
        assert level(call) is IdentityLevel.L0
    read_back = [call.heard.pop(3) for call in calls]  # of what each had said
    assert all(reply.startswith("You are the patient, born ") for reply in read_back)
    known_by_birth, known_by_name, unknown = calls
    assert known_by_birth.heard == known_by_name.heard == unknown.heard
    kinds = [[type(action) for action, _ in call.keyboard.conversation.done] for call in calls]
    assert kinds[0] == kinds[1] == kinds[2]


async def fails_five_times(line: Line) -> None:
    """Two wrong ZIP codes a call; the third call is not even finished."""
    for _ in range(3):
        call = await line.call(STRANGER)
        await call.all_of("cancel my appointment", "walter green", "june second nineteen sixty six", "yes")
        await call.all_of("oh three one one one", "walter green", "w a l t e r", "oh three one one two")
        await call.hangs_up()


async def test_after_five_failures_a_number_reaches_people_only(line: Line) -> None:
    await fails_five_times(line)
    locked = await line.call(STRANGER)
    assert locked.heard[0].endswith("I'm connecting you with our staff now.")
    assert any(isinstance(result, CallTransferred) for _, result in locked.keyboard.conversation.done)
    other = await line.call(MARIA)
    assert other.heard[0].endswith("How can I help?")


async def test_a_locked_number_after_hours_leaves_a_message_and_is_heard_for_danger(
    evening_line: Line,
) -> None:
    await fails_five_times(evening_line)
    locked = await evening_line.call(STRANGER)
    assert locked.heard[0].endswith("What would you like me to tell them?")
    reply = await locked.says("i have crushing chest pain")
    assert "call 911" in reply
    assert ordered(locked, PageStaff)


# --------------------------------------------------------------------------- for somebody else


async def test_a_daughter_with_consent_asks_for_a_refill(line: Line) -> None:
    call = await line.call(STRANGER)
    assert "the patient's full name" in await call.says("my mother needs a refill of her omeprazole")
    await call.all_of(*DOROTHY)
    await call.says("susan hill")
    await call.all_of("yes", "oh two one two one", "no", "elm square pharmacy", "yes")
    assert len(ordered(call, RequestRefill)) == 1
    record = await call.hangs_up()
    assert record.patient_id == "pt-1012"
    note = write_note(record)
    assert 'Caller: "susan hill" (daughter) for the patient, on RelatedPerson/pt-1012-speaker-1 (all)' in note


async def test_a_son_who_may_see_to_visits_gets_no_refill(line: Line) -> None:
    call = await line.call(STRANGER)
    await call.all_of("my mother needs a refill of her omeprazole", *DOROTHY, "peter hill")
    reply = await call.all_of("yes", "oh two one two one")
    assert "I don't have permission on file for that." in reply
    assert ordered(call, RequestRefill) == []


async def test_a_friend_without_consent_learns_nothing_and_is_heard(line: Line) -> None:
    call = await line.call(STRANGER)
    await call.all_of("i'm calling for my friend she needs her omeprazole refilled", *DOROTHY, "ellen price")
    reply = await call.all_of("yes", "oh two one two one")
    assert reply == "I don't have permission on file for that. Is the patient there with you to allow it?"
    await call.all_of("no", "she has run out of her omeprazole since monday", "yes")
    (task,) = await call.services.storage.read(open_tasks)
    assert task.kind == TaskKind.PROXY_AUTHORIZATION_NEEDED
    assert "ellen price, who says for friend called for the patient" in task.summary
    assert task.resource_ref == ""
    made_up = await line.call(STRANGER)
    await made_up.all_of(
        "i'm calling for my friend she needs her omeprazole refilled",
        *("walter green", "june second nineteen sixty six", "ellen price", "yes"),
    )
    await made_up.all_of("oh two one two one", "no", "she has run out of her omeprazole since monday", "yes")
    assert made_up.heard.pop(4).startswith("I heard the birth date June second")
    assert call.heard.pop(4).startswith("I heard the birth date October thirtieth")
    assert made_up.heard == call.heard


KATHERINE = ("katherine wilson", "april eighth nineteen seventy two")


async def puts_the_patient_on(call: KeyboardCall) -> str:
    """A friend without a word in the chart says that she is there; she, or the friend, gives her data."""
    await call.all_of("i'm calling for my friend she needs an appointment", *KATHERINE, "ellen price")
    reply = await call.all_of("yes", "oh two one two two")
    assert reply == "I don't have permission on file for that. Is the patient there with you to allow it?"
    await call.all_of("yes she is here", *KATHERINE, "yes")
    reply = await call.says("oh two one two two")
    assert "One more check, to be sure it is you." in reply
    return await call.says("yes")


async def test_the_patient_comes_on_the_line(line: Line) -> None:
    call = await line.call(STRANGER)
    await puts_the_patient_on(call)
    reply = await call.says(" ".join(await texted_code(call)))
    assert "May ellen price speak for you on this call?" in reply
    reply = await call.says("yes")
    assert "Thank you, I've noted that." in reply
    (consent,) = [c for c in await call.chart("Consent", patient="Patient/pt-1013") if "verification" in c]
    assert consent["dateTime"].startswith("2026-11-24T15:")
    assert "permission" in write_note(await call.hangs_up()).lower()


async def test_who_goes_on_in_the_patients_name_gets_nothing(line: Line) -> None:
    """The friend knows all that she would be asked, and has not got her telephone."""
    call = await line.call(STRANGER)
    await puts_the_patient_on(call)
    reply = await call.says("i don't have that phone here")
    assert reply.startswith("Our staff will have to help you with that.")
    await call.all_of("please call katherine about her appointment", "yes")
    record = await call.hangs_up()
    assert record.patient_id == ""
    (task,) = await call.services.storage.read(open_tasks)
    assert (task.kind, task.resource_ref) == (TaskKind.PROXY_AUTHORIZATION_NEEDED, "")
    assert await call.chart("Appointment", patient="Patient/pt-1013", status="booked") == []


async def test_of_a_patient_without_a_mobile_on_file_staff_see_to_it(line: Line) -> None:
    call = await line.call(STRANGER)
    await call.all_of("i'm calling for my friend she needs her omeprazole refilled", *DOROTHY, "ellen price")
    await call.all_of("yes", "oh two one two one", "yes she is here", *DOROTHY, "yes", "oh two one two one")
    reply = await call.says("yes")
    assert "I'm not able to send a code on this call. Our staff will have to help you with that." in reply
    assert ordered(call, RequestRefill) == []


async def test_a_mother_cancels_nothing_of_her_other_child(line: Line) -> None:
    """Twins: one number, one birth date; the given name alone tells, and its letters are read back."""
    call = await line.call("+16175550133")
    reply = await call.all_of(
        "my son needs an appointment", "evan brooks", "may twentieth twenty twelve", "laura brooks"
    )
    assert reply == "For the first name I have the letters E, V, A, N. Is that right?"
    await call.says("yes")
    assert dialog.summary(call.keyboard.conversation.state).patient_id == "pt-1006"


async def test_who_was_taken_for_the_twin_is_put_right_before_any_chart_is_open(line: Line) -> None:
    call = await line.call("+16175550133")
    await call.all_of("my son needs an appointment", "ethan brooks", "may twentieth twenty twelve")
    reply = await call.says("laura brooks")
    assert reply == "For the first name I have the letters E, T, H, A, N. Is that right?"
    assert dialog.summary(call.keyboard.conversation.state).identity is IdentityLevel.L0
    assert await call.says("no") == "Please spell the first name for me."
    assert await call.says("e v a n") == "For the first name I have the letters E, V, A, N. Is that right?"
    await call.says("yes")
    assert dialog.summary(call.keyboard.conversation.state).patient_id == "pt-1006"


async def test_one_twin_alone_may_see_to_visits_but_not_to_refills(line: Line) -> None:
    call = await line.call("+16175550133")
    reply = await call.all_of("i need an appointment", "ethan brooks", "may twentieth twenty twelve")
    assert reply.endswith("Are you the patient's parent or guardian?")
    await call.all_of("no", "yes")  # that these are the letters of the name
    assert dialog.summary(call.keyboard.conversation.state).patient_id == "pt-1005"
    await call.says("never mind")
    assert "connecting you" in await call.says("i need a refill of my inhaler")


async def test_another_patient_on_the_same_call_is_a_persons_matter(line: Line) -> None:
    call = await line.call(JAMES)
    await call.all_of("i need to cancel my appointment", "james walker", "march third nineteen fifty eight")
    await call.all_of("something came up", "yes")
    assert len(ordered(call, CancelVisit)) == 1
    reply = await call.says("my wife needs a refill of metformin")
    assert "On one call I can help with one person's care only." in reply
    await call.all_of("a message", "please call my wife about metformin", "yes")
    (task,) = [action for action in ordered(call, OpenTask) if isinstance(action, OpenTask)]
    assert task.patient_id == "", "it is not filed in the chart that this call has opened"


async def test_a_laboratory_with_a_critical_result_wakes_who_is_on_call(evening_line: Line) -> None:
    call = await evening_line.call(STRANGER)
    await call.says("this is mercy lab calling with a critical potassium")
    (page,) = ordered(call, PageStaff)
    assert isinstance(page, PageStaff)
    assert "critical potassium" in page.summary
