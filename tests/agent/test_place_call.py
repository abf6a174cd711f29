"""`firstring call` against a small server: what it reports, and the carrier's other side that it serves."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request, Response

from agent.local_server import demo_settings, free_port
from agent.place_call import Wish, answer_of, place
from agent.settings import Settings
from models.errors import SettingsError
from telephony import twiml
from telephony.double import Answer
from telephony.rest import Carrier
from tests.carrier.people import until
from tests.telephony.pages import Pages
from tests.telephony.serving import served
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN

DESK = "+16175550100"


class Following(Pages):
    """Where "after-the-text" is asked for, the answer waits until a text was answered."""

    async def page(self, path: str, request: Request) -> Response:
        answer = await super().page(path, request)
        if path == "after-the-text":
            await until(lambda: self.forms("twilio/sms"))
        return answer


@pytest.fixture
def pages() -> Pages:
    return Following()


@pytest.fixture
async def base(pages: Pages) -> AsyncIterator[str]:
    async with served(pages.app()) as url:
        yield url


def settings_in(folder: Path, **changes: Any) -> Settings:
    account = {"public_url": PUBLIC_URL, "twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN}
    return demo_settings(folder, **{**account, **changes})


def wish(base: str, **changes: Any) -> Wish:
    return Wish(**{"to": base, "from_number": "+15555550123", **changes})


async def test_it_tells_whom_the_caller_reached_and_what_was_texted(
    base: str, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages.documents["twilio/voice"] = ["<Redirect>/after-the-text</Redirect>"]
    pages.documents["after-the-text"] = [f"<Pause length='1'/><Dial action='/after'>{DESK}</Dial>"]
    pages.documents["after"] = ["<Say>Sorry</Say>"]
    pages.documents["twilio/sms"] = ["<Message>Please call us.</Message>"]
    wanted = wish(base, staff=Answer.DECLINE, forwarded_from="+15555550177")
    assert await place(settings_in(tmp_path), ["sms:hello", "wait:120"], wanted, None, True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["dialled"], told["texts"]) == ("completed", [DESK], ["Please call us."])
    assert [(leg["number"], leg["status"]) for leg in told["legs"]] == [(DESK, "busy")]
    assert pages.forms("after")[0]["DialCallStatus"] == "busy"
    assert pages.forms("twilio/voice")[0]["ForwardedFrom"] == "+15555550177"
    kinds = [event["kind"] for event in told["events"]]
    assert {"message", "dial", "leg", "say"} <= set(kinds)


async def test_a_number_is_dialled_when_the_server_cannot_be_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = wish("http://127.0.0.1:9", staff=Answer.DECLINE, fallback=DESK)
    assert await place(settings_in(tmp_path), ["wait:120"], wanted, None, False) == 0
    assert f"dialled {DESK}: busy" in capsys.readouterr().out
    with pytest.raises(SettingsError, match="neither a number nor an address"):
        await place(
            settings_in(tmp_path), ["wait:1"], wish("http://127.0.0.1:9", fallback="desk"), None, True
        )


async def test_the_rest_side_is_served_where_the_server_looks_for_it(
    base: str, pages: Pages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages.documents["twilio/voice"] = ["<Pause length='120'/>"]
    api_base = f"http://127.0.0.1:{free_port()}"
    chosen = settings_in(tmp_path, twilio_api_base=api_base)
    call = asyncio.create_task(place(chosen, ["wait:120"], wish(base), None, True))
    while not pages.asked:
        await asyncio.sleep(0.05)
    carrier = Carrier(ACCOUNT, TOKEN, api_base=api_base, timeout_s=60.0)
    call_sid = pages.forms("twilio/voice")[0]["CallSid"]
    while (recording_sid := await carrier.start_recording(call_sid)) is None:
        await asyncio.sleep(0.05)  # it is not answered yet
    assert await carrier.transfer(call_sid, twiml.say_and_hang_up("Goodbye"))
    assert await call == 0
    carrier.close()
    told = json.loads(capsys.readouterr().out)
    assert (told["ended"], told["recordings"]) == ("agent hung up", [recording_sid])


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        chosen = settings_in(tmp_path, twilio_api_base=f"http://127.0.0.1:{port}")
        with pytest.raises(SettingsError, match=f"port {port}"):
            await place(chosen, ["wait:1"], wish("http://127.0.0.1:9"), None, True)


def test_what_staff_cannot_do_is_named() -> None:
    assert answer_of("ring-out") is Answer.RING_OUT
    with pytest.raises(SettingsError, match="sing") as refusal:
        answer_of("sing")
    assert "decline" in refusal.value.fix
