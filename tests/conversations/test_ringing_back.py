"""A caller whose line was lost rings back: going on is offered, nothing is given away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from agent import tidying as tidying_module
from agent.conversation import Conversation
from agent.kept import CONTINUED
from agent.tidying import LOST_AFTER
from models import records
from models.domain import (
    BookOpening,
    Disposition,
    FindOpenings,
    IdentityLevel,
    PageStaff,
    RequestRefill,
    TransferCall,
)
from telephony.handlers import ArrivingCall
from tests.conversations.conftest import JAMES, MARIA, STRANGER, KeyboardCall, Line
from tests.conversations.test_tidying import answering_of

OFFER = "It looks like we were cut off. Would you like to go on where we were?"
MARIA_SAYS = ("my name is maria lopez", "march fifth nineteen eighty one")
JAMES_SAYS = ("my name is james walker", "march third nineteen fifty eight")


def done(call: KeyboardCall, kind: type) -> list[object]:
    return [action for action, _ in call.keyboard.conversation.done if isinstance(action, kind)]


def later(line: Line, **passed: float) -> None:
    clock = line.services.clock
    line.services.clock = lambda: clock() + timedelta(**passed)


async def cut_in_a_booking(line: Line, number: str = MARIA) -> KeyboardCall:
    """Verified, the kind of visit said, asked for a day; then the line is lost."""
    call = await line.call(number)
    await call.all_of(
        "i would like to make an appointment with doctor chen", *MARIA_SAYS, "a follow up visit"
    )
    record = await call.hangs_up()
    assert record.disposition is Disposition.ABANDONED
    return call


async def test_who_was_cut_off_goes_on_at_the_same_question(line: Line) -> None:
    lost = await cut_in_a_booking(line)
    asked = lost.heard[-1]
    later(line, minutes=2)
    call = await line.call(MARIA)
    assert call.heard[0].endswith(OFFER)
    assert "full name" in await call.says("yes please")
    reply = await call.all_of(*MARIA_SAYS)
    assert reply.removeprefix("Thank you. ") == asked
    await call.all_of("next week in the morning", "the first one", "yes")
    assert len(done(call, BookOpening)) == 1
    wishes = done(call, FindOpenings)
    assert [wish.provider_id for wish in wishes] == ["dr-chen"]  # type: ignore[attr-defined]


async def test_the_two_calls_have_a_note_each_and_are_linked(line: Line) -> None:
    lost = await cut_in_a_booking(line)
    call = await line.call(MARIA)
    await call.all_of("yes", *MARIA_SAYS)
    await call.hangs_up()
    assert len(await call.chart("DocumentReference", patient="Patient/pt-1001")) == 2
    call_id = call.keyboard.conversation.call_id
    events = await line.services.storage.read(lambda s: records.events_after(s, 0, call_id=call_id))
    linked = [event.payload for event in events if event.kind == CONTINUED]
    assert linked == [{"of": lost.keyboard.conversation.call_id}]


async def test_the_greeting_keeps_what_it_must_say_and_names_nothing(line: Line) -> None:
    await cut_in_a_booking(line)
    greeting = (await line.call(MARIA)).heard[0]
    for words in ("hang up and call 911", "AI assistant", "recorded", "representative"):
        assert words in greeting
    for secret in ("Maria", "Lopez", "visit", "appointment", "Chen"):
        assert secret not in greeting


async def test_a_no_is_a_fresh_start_and_is_not_asked_again(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    assert "How can I help?" in await call.says("no")
    await call.hangs_up()
    assert OFFER not in (await line.call(MARIA)).heard[0]


async def test_another_wish_is_an_answer_too(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", *MARIA_SAYS, "no", "main street pharmacy", "yes")
    assert len(done(call, RequestRefill)) == 1


@pytest.mark.parametrize(("seconds", "offered"), [(600.0, True), (601.0, False)])
async def test_ten_minutes_and_no_longer(line: Line, seconds: float, offered: bool) -> None:
    now = line.services.clock()
    line.services.clock = lambda: now
    await cut_in_a_booking(line)
    line.services.clock = lambda: now + timedelta(seconds=seconds)
    assert (OFFER in (await line.call(MARIA)).heard[0]) is offered


async def test_after_a_goodbye_nothing_is_offered(line: Line) -> None:
    call = await line.call(MARIA)
    await call.all_of("i would like to make an appointment", *MARIA_SAYS, "goodbye")
    assert call.keyboard.ended
    await call.hangs_up()
    assert OFFER not in (await line.call(MARIA)).heard[0]


async def test_who_had_asked_for_nothing_is_offered_nothing(line: Line) -> None:
    await (await line.call(MARIA)).hangs_up()
    assert OFFER not in (await line.call(MARIA)).heard[0]


@pytest.mark.parametrize("number", [STRANGER, ""])
async def test_another_or_a_withheld_number_is_offered_nothing(line: Line, number: str) -> None:
    await cut_in_a_booking(line, MARIA if number else "")
    assert OFFER not in (await line.call(number)).heard[0]


async def test_somebody_else_of_the_household_gets_nothing_of_what_was_said(line: Line) -> None:
    """James at Maria's telephone: the wish to book is kept, her doctor and her kind of visit are not."""
    call = await line.call(MARIA)
    await call.all_of("i would like to make an appointment with doctor chen", *MARIA_SAYS)
    await call.all_of("a follow up visit")
    await call.hangs_up()
    other = await line.call(MARIA)
    reply = await other.all_of("yes", *JAMES_SAYS, "yes", "zero two one one three")
    assert "What kind of visit" in reply
    assert not any("Chen" in heard or "Maria" in heard for heard in other.heard)
    await other.hangs_up()


async def test_nothing_is_inherited_before_identity_is_shown_again(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    await call.says("yes")
    state = call.keyboard.conversation.state
    assert (state.identity, state.patient_id, dict(state.slots)) == (IdentityLevel.L0, "", {})
    record = await call.hangs_up()
    assert record.patient_id == ""


async def test_a_medicine_waits_for_the_same_patient(line: Line) -> None:
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", *MARIA_SAYS, "no")
    await call.hangs_up()
    other = await line.call(MARIA)
    reply = await other.all_of("yes", *JAMES_SAYS, "yes", "zero two one one three")
    assert "lisinopril" not in " ".join(other.heard).lower()
    assert "medic" in reply.lower()


async def test_cut_off_twice_before_anything_was_said(line: Line) -> None:
    await cut_in_a_booking(line)
    await (await line.call(MARIA)).hangs_up()
    call = await line.call(MARIA)
    assert OFFER in call.heard[0]
    assert "day and time" in await call.all_of("yes", *MARIA_SAYS)


async def test_cut_off_twice_after_a_yes(line: Line) -> None:
    await cut_in_a_booking(line)
    second = await line.call(MARIA)
    await second.says("yes")
    await second.hangs_up()
    third = await line.call(MARIA)
    assert OFFER in third.heard[0]
    assert "day and time" in await third.all_of("yes", *MARIA_SAYS)


async def test_a_call_that_runs_beside_it_neither_takes_nor_hides_the_offer(line: Line) -> None:
    beside = await line.call(MARIA)
    await beside.says("what are your opening hours")
    await cut_in_a_booking(line)
    await beside.says("goodbye")
    await beside.hangs_up()
    assert OFFER in (await line.call(MARIA)).heard[0]
    assert OFFER not in (await line.call(MARIA)).heard[0], "the first to ring back has the offer"


async def test_a_live_call_from_the_same_number_is_not_offered(line: Line) -> None:
    live = await line.call(MARIA)
    await live.all_of("i would like to make an appointment", *MARIA_SAYS)
    assert OFFER not in (await line.call(MARIA)).heard[0]


async def test_words_that_were_passed_on_are_not_passed_on_twice(line: Line) -> None:
    call = await line.call(MARIA)
    await call.all_of("i want to leave a message", "please tell doctor chen that my form is ready")
    record = await call.hangs_up()
    assert record.disposition is Disposition.MESSAGE_TAKEN
    assert OFFER not in (await line.call(MARIA)).heard[0]


# --------------------------------------------------------------------------- danger, a person


async def test_after_a_danger_sign_danger_is_asked_about_first(line: Line) -> None:
    call = await line.call(JAMES)
    await call.says("i have chest pain")
    await call.hangs_up()
    back = await line.call(JAMES)
    assert OFFER not in back.heard[0]
    assert back.heard[0].endswith("Is anyone in danger right now?")
    assert "911" in await back.says("yes")
    assert done(back, PageStaff)


async def test_a_clear_no_to_danger_is_an_open_start(line: Line) -> None:
    call = await line.call(JAMES)
    await call.says("i have chest pain")
    await call.hangs_up()
    back = await line.call(JAMES)
    assert "How can I help?" in await back.says("no")
    assert not done(back, PageStaff)


async def test_silence_after_a_danger_sign_is_no_all_clear(line: Line) -> None:
    call = await line.call(JAMES)
    await call.says("i have chest pain")
    await call.hangs_up()
    back = await line.call(JAMES)
    assert "911" in await back.says("")


async def test_danger_in_reply_to_the_offer_comes_first(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    assert "911" in await call.says("yes but now my chest hurts and i can't breathe")
    assert done(call, PageStaff)


@pytest.mark.parametrize("words", ["representative", "i want to talk to a person"])
async def test_a_person_in_reply_to_the_offer(line: Line, words: str) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    await call.says(words)
    assert len(done(call, TransferCall)) == 1


async def test_key_zero_in_reply_to_the_offer_and_key_one_as_yes(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    await call.presses("0")
    assert len(done(call, TransferCall)) == 1
    await cut_in_a_booking(line, JAMES)


async def test_the_offer_can_be_answered_by_key(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    assert "full name" in await call.presses("1")


async def test_silence_and_noise_at_the_offer_lead_to_a_person(line: Line) -> None:
    await cut_in_a_booking(line)
    call = await line.call(MARIA)
    for words in ("", "the weather is blue", "", ""):
        await call.says(words)
    assert done(call, TransferCall)


# --------------------------------------------------------------------------- a record that nobody closed


async def test_a_lost_call_that_nobody_ended_is_closed_when_its_caller_rings_back(line: Line) -> None:
    lost = await line.call(MARIA)
    await lost.all_of("i would like to make an appointment", *MARIA_SAYS)
    call_id = lost.keyboard.conversation.call_id
    later(line, seconds=LOST_AFTER.total_seconds() + 1)
    await answering_of(line).arriving(ArrivingCall("CAback", MARIA, "+16175550100"))
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.ended is not None
    back = await Conversation.open(line.services, "CAback", "")
    assert back.state.kept is not None


async def test_a_lost_call_that_cannot_be_closed_now_does_not_hold_up_the_new_one(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = await line.call(MARIA)
    await lost.all_of("i would like to make an appointment", *MARIA_SAYS)
    later(line, seconds=LOST_AFTER.total_seconds() + 1)

    async def slow(**_: object) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(line.services.backends.scheduling, "release", slow)
    monkeypatch.setattr(tidying_module, "CLOSE_LIMIT_S", 0.2)
    document = await answering_of(line).arriving(ArrivingCall("CAback", MARIA, "+16175550100"))
    assert "<Stream" in document
