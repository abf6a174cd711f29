"""What the carrier reports of a call, and calls from every kind of number: the record is true in the end."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from agent.answering import FINAL, Answering
from agent.tidying import ABANDONED_AFTER
from models import records
from models.domain import IdentityVerified
from models.tables import LedgerRow
from telephony.handlers import ArrivingCall, arriving_call
from tests.conversations.conftest import MARIA, KeyboardCall, Line, OwnClock
from tests.conversations.test_tidying import answering_of

CALL = "CA" + "7" * 32
STATUSES = ("queued", "initiated", "ringing", "answered", "in-progress")


@pytest.fixture
def answering(line: Line) -> Answering:
    return answering_of(line)


async def stored(line: Line, call_id: str = CALL) -> records.StoredCall | None:
    return await line.services.storage.read(lambda session: records.load_call(session, call_id))


async def promised(line: Line, call_id: str = CALL) -> int:
    """How many resources of the call are promised or, for an unknown patient, held."""

    def work(session: Session) -> int:
        return len(session.exec(select(LedgerRow).where(LedgerRow.call_id == call_id)).all())

    return await line.services.storage.read(work)


async def report(answering: Answering, *statuses: str, call_id: str = CALL) -> None:
    for number, status in enumerate(statuses):
        await answering.status(call_id, {"CallStatus": status, "SequenceNumber": str(number)})


@pytest.mark.parametrize("status", sorted(FINAL))
async def test_a_call_that_ends_before_its_stream_is_closed_with_a_note(
    line: Line, answering: Answering, status: str
) -> None:
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    await report(answering, "initiated", "ringing", status)
    call = await stored(line)
    assert call
    assert call.ended is not None
    assert call.disposition == "abandoned"
    assert await promised(line) > 0


@pytest.mark.parametrize("status", [*STATUSES, "", "surprise"])
async def test_progress_closes_nothing(line: Line, answering: Answering, status: str) -> None:
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    await report(answering, status)
    call = await stored(line)
    assert call
    assert call.ended is None


async def test_repeated_and_late_reports_change_nothing(line: Line, answering: Answering) -> None:
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    await report(answering, "completed", "ringing", "completed", "failed", "initiated", "busy", "completed")
    call, rows = await stored(line), await promised(line)
    await report(answering, *FINAL, *STATUSES)
    assert (await stored(line), await promised(line)) == (call, rows)


async def test_reports_of_a_call_we_never_had_store_nothing(line: Line, answering: Answering) -> None:
    await report(answering, *STATUSES, *FINAL, call_id="CA" + "8" * 32)
    assert await stored(line, "CA" + "8" * 32) is None


async def test_a_call_that_never_streamed_is_tidied_up_too(
    line: Line, answering: Answering, own_clock: OwnClock
) -> None:
    """Its last report may be lost: nothing stays on the line for ever."""
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    await answering.tidying.tidy()
    assert (await stored(line)).ended is None  # type: ignore[union-attr]
    own_clock.passes(ABANDONED_AFTER.total_seconds())
    await answering.tidying.tidy()
    assert (await stored(line)).ended is not None  # type: ignore[union-attr]


async def test_an_arrival_repeated_in_mid_call_does_not_take_the_call_away(
    line: Line, answering: Answering
) -> None:
    """As after a restart, when the repeat is not remembered: the one who leads the call still may write."""
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    call = await line.call(MARIA, call_id=CALL)
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    assert await call.says("what are your opening hours")
    turns = (await stored(line)).turns  # type: ignore[union-attr]
    assert turns[-1].caller_text == "what are your opening hours"


async def test_an_arrival_repeated_after_the_end_is_hung_up(line: Line, answering: Answering) -> None:
    await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))
    await report(answering, "completed")
    assert "<Hangup" in await answering.arriving(ArrivingCall(CALL, MARIA, "+16175550100"))


FROM = {
    "+16175550123": "+16175550123",
    "+1 (617) 555-0123": "+16175550123",
    "+442079460958": "+442079460958",
    "+525555555555": "+525555555555",
    "+16175550123;ext=12": "+16175550123",
    **dict.fromkeys(
        (
            "", "anonymous", "Anonymous", "Restricted", "unavailable", "unknown", "Private", "+266696687",
            "+7378742833", "+2562533", "+8656696", "+86282452253", "sip:ann@example.org", "sips:1@x",
            "sip:+16175550123@example.org;user=phone", "client:ann", "whatsapp:+16175550123", "72975", "911",
            "+911", "+1911", "112", "988", "16175550123", "6175550123", "00441632960961", "+", "++1617",
            "+0", "+1", "+999999999999999", "+1617555012345678", "+١٦١٧٥٥٥٠١٢٣", "null", "undefined",
            "+1617555０123", "\x00", "'; drop table call; --", "+" + "9" * 5_000, "a" * 60_000,
        ),
        "",
    ),
}  # fmt: skip


async def test_a_number_is_stored_as_e164_or_not_at_all(line: Line, answering: Answering) -> None:
    found = {}
    for number, given in enumerate(FROM):
        form = {"CallSid": f"CA{number}", "From": given, "To": given, "ForwardedFrom": given}
        assert "<Stream" in await answering.arriving(arriving_call(form))
        call = await stored(line, f"CA{number}")
        assert call
        found[given] = {call.caller_number, call.called_number, call.forwarded_from}
    assert found == {given: {number} for given, number in FROM.items()}


async def test_missing_numbers_are_withheld_ones(line: Line, answering: Answering) -> None:
    assert "<Stream" in await answering.arriving(arriving_call({"CallSid": CALL}))
    assert (await stored(line)).caller_number == ""  # type: ignore[union-attr]


def verified(call: KeyboardCall) -> bool:
    return any(isinstance(result, IdentityVerified) for _, result in call.keyboard.conversation.done)


@pytest.mark.parametrize("number", ["", "+442079460958"])
async def test_a_caller_without_a_known_number_is_served_by_zip_code(line: Line, number: str) -> None:
    call = await line.call(number)
    asked = await call.all_of(
        "i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one", "yes"
    )
    assert "zip" in asked.lower()
    await call.says("oh two one one one")
    assert verified(call)
    reply = await call.all_of("no", "main street pharmacy", "yes")
    assert "sent" in reply
    record = await call.hangs_up()
    assert (record.patient_id, record.caller_number) == ("pt-1001", number)


async def test_only_a_real_number_is_a_hint_of_who_calls(line: Line) -> None:
    for number, names in ((MARIA, ("Maria Lopez",)), ("", ()), ("+442079460958", ())):
        call = await line.call(number)
        assert (await call.keyboard.conversation.context()).caller_names == names


async def test_calls_from_withheld_numbers_are_not_one_caller(line: Line) -> None:
    """Neither locked out together, nor taken for the same person."""
    for _ in range(7):
        call = await line.call("")
        await call.all_of(
            "i need a refill", "john nobody", "may first nineteen fifty", "yes", "nine nine nine nine nine"
        )
    call = await line.call("")
    await call.all_of(
        "i need a refill of my lisinopril",
        "maria lopez",
        "march fifth nineteen eighty one",
        "yes",
        "oh two one one one",
    )
    assert verified(call)
    since = line.services.clock().replace(year=2000)
    assert (
        await line.services.storage.read(lambda session: records.calls_from(session, "", since=since)) == []
    )
