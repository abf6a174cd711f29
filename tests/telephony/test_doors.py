"""The doors of one transfer, page or text: as signed as the fixed ones, and never a dead end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from models.errors import BackendError
from telephony.doors import Door, build_doors
from tests.telephony.signing import CONFIG, PUBLIC_URL, call_form, signed


async def works(name: str, form: Mapping[str, str]) -> str:
    return f"<Response><Say>{name} {form['CallSid']}</Say></Response>"


async def silent(name: str, form: Mapping[str, str]) -> str:
    return ""


async def breaks(name: str, form: Mapping[str, str]) -> str:
    raise BackendError("no")


async def hangs(name: str, form: Mapping[str, str]) -> str:
    await asyncio.sleep(60)
    return "late"


OTHERWISE = "<Response><Hangup/></Response>"
DOORS = {
    "wait": Door(works),
    "leg": Door(silent),
    "staff": Door(breaks, OTHERWISE),
    "key": Door(hangs, OTHERWISE),
}


@pytest.fixture
async def door() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(build_doors(replace(CONFIG, handler_limit_s=0.05), DOORS, {"hold.wav": b"RIFF"}))
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9999") as client:
        yield client


async def post(door: httpx.AsyncClient, path: str, **changes: str) -> httpx.Response:
    form = call_form(**changes)
    return await door.post(path, data=form, headers=signed(PUBLIC_URL + path, form))


async def test_a_signed_request_is_answered_with_what_its_name_stands_for(door: httpx.AsyncClient) -> None:
    answer = await post(door, "/twilio/wait/abc123")
    assert "abc123 CA3" in answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    assert (await post(door, "/twilio/leg/abc123")).status_code == 204


async def test_without_its_signature_or_of_another_account_nothing_is_done(door: httpx.AsyncClient) -> None:
    assert (await door.post("/twilio/wait/abc123", data=call_form())).status_code == 403
    form = call_form()
    other = signed(PUBLIC_URL + "/twilio/wait/other", form)
    assert (await door.post("/twilio/wait/abc123", data=form, headers=other)).status_code == 403
    assert (await post(door, "/twilio/wait/abc123", AccountSid="AC" + "9" * 32)).status_code == 403


@pytest.mark.parametrize("path", ["/twilio/nothing/abc", "/twilio/wait/a.b", f"/twilio/wait/{'a' * 65}"])
async def test_what_is_no_door_is_not_there(door: httpx.AsyncClient, path: str) -> None:
    assert (await post(door, path)).status_code == 404


@pytest.mark.parametrize("path", ["/twilio/staff/abc", "/twilio/key/abc"])
async def test_who_cannot_be_served_is_not_left_with_an_error(door: httpx.AsyncClient, path: str) -> None:
    answer = await post(door, path)
    assert (answer.status_code, answer.text) == (200, OTHERWISE)


async def test_the_music_is_open_to_all_and_nothing_else(door: httpx.AsyncClient) -> None:
    assert (await door.get("/twilio/sound/hold.wav")).content == b"RIFF"
    assert (await door.get("/twilio/sound/secrets")).status_code == 404
    assert (await door.get("/twilio/wait/abc")).status_code == 405
