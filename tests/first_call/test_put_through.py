"""Callers who ask for a person, and what the practice's telephone then does; and a server that is gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import Session, select

from agent.demo import CALLED_NUMBER
from agent.local_server import LocalServer
from models import records
from models.tables import StaffTask
from telephony.double import Answer, Caller, CallResult, Double, Ending, Fault, Manner, Staff, parse_steps
from telephony.double.faults import ALWAYS
from telephony.double.manner import dial_document
from telephony.double.sound import read_wav, to_samples
from tests.first_call.conftest import FIXTURES, Practice, wav

pytestmark = pytest.mark.slow

DESK = "+16175550100"  # the fictional practice's own number: STAFF_NUMBER is not set
STAFF_SAYS, CALLER_SAYS = "robert-since", "james-name"
TO_THE_DESK = dial_document(DESK)


@dataclass(frozen=True)
class PutThrough:
    """Calls placed at the same time."""

    answered: CallResult
    declined: CallResult
    rung_out: CallResult
    unreachable: CallResult
    lost: CallResult


def staff(answer: Answer, *steps: str) -> Staff:
    return Staff(answer, ringing_s=0.3, does=Caller(parse_steps(steps or ["hangup"]), patience_s=30.0))


async def ring(server: LocalServer, number: str, manner: Manner, *steps: str, base: str = "") -> CallResult:
    settings = server.settings
    double = Double(
        base or server.base_url, settings.public_url, settings.twilio_auth_token,
        settings.twilio_account_sid, number, CALLED_NUMBER, manner=manner,
    )  # fmt: skip
    return await double.place_call(Caller(parse_steps(steps), quiet_s=3.0, patience_s=60.0))


@pytest.fixture(scope="session")
def put_through(fresh: LocalServer) -> PutThrough:
    talks = staff(Answer.ANSWER, f"wav:{FIXTURES / STAFF_SAYS}.wav", "wait:12", "hangup")
    asks, done = wav("linda-person"), wav("maria-done")
    gone = Manner(staff=staff(Answer.ANSWER), fallback=TO_THE_DESK)
    cut = Manner(
        staff=staff(Answer.ANSWER), fallback=TO_THE_DESK, faults={"/twilio/resume": Fault(lost=ALWAYS)}
    )

    async def place() -> list[CallResult]:
        return await asyncio.gather(
            ring(fresh, "+16175550136", Manner(staff=talks), asks, wav(CALLER_SAYS), "wait:60"),
            ring(fresh, "+16175550171", Manner(staff=staff(Answer.DECLINE)), asks, done),
            ring(fresh, "+16175550172", Manner(staff=staff(Answer.RING_OUT)), asks, done),
            ring(fresh, "+16175550173", gone, "wait:60", base="http://127.0.0.1:9"),
            ring(fresh, "+16175550174", cut, "wait:2", "drop", "wait:60"),
        )

    return PutThrough(*asyncio.run(place()))


def holds(mulaw: bytes, clip: str) -> bool:
    """Is the clip in the track? By the peak of their correlation, 1 for an exact copy."""
    track, wanted = (
        to_samples(bytes(mulaw)).astype(float),
        read_wav(Path(FIXTURES / f"{clip}.wav")).astype(float),
    )
    length = len(track) + len(wanted)
    product = np.fft.irfft(np.fft.rfft(track, length) * np.conj(np.fft.rfft(wanted, length)), length)
    at = int(np.argmax(product[: len(track)]))
    part = track[at : at + len(wanted)]
    return bool(product[at] > 0.8 * np.linalg.norm(part) * np.linalg.norm(wanted) > 0)


async def tasks_of(practice: Practice, call_sid: str) -> list[str]:
    def work(session: Session) -> list[str]:
        return [row.kind for row in session.exec(select(StaffTask).where(StaffTask.call_id == call_sid))]

    return await practice.storage.read(work)


def said(call: records.StoredCall) -> str:
    return " ".join(turn.agent_text for turn in call.turns)


async def test_caller_and_front_desk_hear_each_other(
    fresh_practice: Practice, put_through: PutThrough
) -> None:
    result = put_through.answered
    (leg,) = result.legs
    assert (leg.number, leg.status, result.ended) == (DESK, "completed", Ending.AGENT_HUNG_UP)
    assert holds(result.agent_mulaw, STAFF_SAYS)
    assert holds(leg.agent_mulaw, CALLER_SAYS)
    assert not holds(leg.agent_mulaw, "linda-person"), "what was said to the agent is not repeated to staff"
    call = await fresh_practice.stored(result.call_sid)
    assert call.disposition == "transferred"
    assert result.warnings == []


@pytest.mark.parametrize("how", ["declined", "rung_out"])
async def test_who_reaches_nobody_is_told_so_and_called_back(
    fresh_practice: Practice, put_through: PutThrough, how: str
) -> None:
    result: CallResult = getattr(put_through, how)
    assert [leg.status for leg in result.legs] == ["busy" if how == "declined" else "no-answer"]
    assert len(result.streams) == 2, "the agent took the call back"
    call = await fresh_practice.stored(result.call_sid)
    assert "I'm sorry, I couldn't reach anyone." in said(call)
    assert "same-day-callback" in await tasks_of(fresh_practice, result.call_sid)
    assert call.disposition == "message-taken"
    assert result.ended is Ending.AGENT_HUNG_UP


async def test_a_server_that_cannot_be_had_leaves_the_practices_own_telephone(
    put_through: PutThrough,
) -> None:
    result = put_through.unreachable
    assert (result.ended, result.dialled) == (Ending.DIALLED, [DESK])
    assert result.warnings[0].startswith("11205")
    assert not result.streams


async def test_a_line_that_breaks_with_the_server_gone_goes_to_the_practice(
    fresh_practice: Practice, put_through: PutThrough
) -> None:
    result = put_through.lost
    assert (result.ended, result.dialled) == (Ending.DIALLED, [DESK])
    assert result.streams[0].ended_by == "dropped"
    call = await fresh_practice.stored(result.call_sid)
    assert call.ended, "the carrier's last word closes it"
