"""Names and numbers planted wherever a wire can carry them: the server's log holds none of them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from agent import logs
from models.errors import BackendError, StorageError
from tests.edge.conftest import House
from tests.edge.odd import OddCall
from tests.telephony.signing import FORM_TYPE, PUBLIC_URL, call_form, signed

NAME, NUMBER, BORN = "Zebulon Quackenbush", "+16175550187", "1933-02-17"
CANARIES = ("Zebulon", "Quackenbush", "5550187", BORN, "1933", "quinapril")
SAYS = f"{NAME} {NUMBER} {BORN} wants quinapril"


async def test_no_canary_is_logged(
    house: House, own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    await asyncio.gather(forms(house), frames(house), addresses(house))
    await faults(house)
    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert {line["event"] for line in lines} >= {
        "line.unknown", "stream refused", "stream not begun", "webhook handler failed", "text.received",
        "library", "call.passed_on", "call.closed_late",
    }  # fmt: skip
    for line in lines:
        assert set(line) <= logs.ALLOWED
    for canary in CANARIES:
        assert canary.lower() not in (said.err + said.out).lower(), canary


async def forms(house: House) -> None:
    planted = {
        "From": NUMBER, "Caller": NUMBER, "To": NUMBER, "ForwardedFrom": NUMBER, "CallerName": NAME,
        "Body": SAYS,
        "CallerCity": NAME, "FromCity": NAME, "SpeechResult": SAYS, "Digits": BORN, "MessageSid": "SM1",
        "DialCallStatus": SAYS, "StirVerstat": SAYS, "SipHeader_X": SAYS,
    }  # fmt: skip
    async with OddCall(house.base) as call:
        for door in ("voice", "resume", "sms"):
            assert (await call.asks(door, **planted)).status_code == 200
        for status in ("ringing", SAYS, "completed"):
            await call.asks("status", **{**planted, "CallStatus": status})
        for sid in (SAYS, "", "x" * 100 + NAME):
            assert (await call.asks("voice", **{**planted, "CallSid": sid})).status_code == 400
    async with OddCall(house.base, token="wrong") as call:
        assert (await call.asks("voice", **planted)).status_code == 403


async def frames(house: House) -> None:
    async with OddCall(house.base) as call:
        await call.starts(await call.rings(From=NUMBER, CallerName=NAME))
        await call.sends(
            SAYS, json.dumps(SAYS), json.dumps({"event": SAYS}), call.says(SAYS), call.frame(SAYS),
            call.says("dtmf", dtmf=SAYS), call.says("mark", mark={"name": SAYS}), call.frame(timestamp=SAYS),
            call.says("mark", mark={"name": {"a": SAYS}}), call.start(customParameters={NAME: SAYS}),
            SAYS.encode(),
        )  # fmt: skip
        await call.sends_raw(b"\x81\x84\x00\x00\x00\x00\xff\xfe\xfd\xfc")
        await call.is_shown_out()
        for _ in range(4):
            answer = await call.resumes(From=NUMBER)
            if answer[0].tag == "Dial":
                break
            await call.opens(answer)
            await call.sends(call.start(callSid=SAYS), call.start(accountSid=SAYS))
            await call.is_shown_out()
        await call.hangs_up()


async def addresses(house: House) -> None:
    """URLs and headers are a caller's business too, when something goes wrong with them."""
    async with httpx.AsyncClient(base_url=house.base, trust_env=False, timeout=60) as door:
        for path in (f"/{NAME}", f"/twilio/media/{NAME}", f"/twilio/voice?name={NAME}"):
            await door.post(path, data={"From": NUMBER}, headers={"x-name": NAME, "user-agent": SAYS})
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(f"{NAME} {NUMBER} NONSENSE\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    async with OddCall(house.base) as call, OddCall(house.base, token="wrong") as forger:
        with pytest.raises(InvalidStatus):
            await forger.opens(await call.rings(From=NUMBER))


async def faults(house: House) -> None:
    """Our own parts fail with a text that quotes the caller."""
    services: Any = house.line.services
    problems = [StorageError(SAYS), BackendError(SAYS), KeyError(SAYS), RuntimeError(SAYS), ValueError(SAYS)]

    async def broken(*_: object, **__: object) -> Any:
        raise problems[0]

    whole = services.storage.write
    for _ in range(len(problems)):
        services.storage.write = broken
        form = call_form(From=NUMBER, CallSid="CA" + "9" * 30 + str(len(problems)))
        headers = {**signed(PUBLIC_URL + "/twilio/voice", form), **FORM_TYPE}
        async with httpx.AsyncClient(base_url=house.base, trust_env=False, timeout=60) as door:
            answer = await door.post("/twilio/voice", data=form, headers=headers)
        assert "<Dial" in answer.text, "the practice's telephone answers what we cannot"
        problems.pop(0)
    services.storage.write = whole
