"""A process on its way out takes nothing new, lets its calls go on, and leaves the rest to its siblings."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient, WebSocketDenialResponse

from agent.draining import LeaveToSiblings, Standing
from agent.owners import lives_elsewhere, new_owner
from agent.settings import load
from agent.web import add_health
from models.errors import SettingsError


def app_of(standing: Standing) -> FastAPI:
    app = FastAPI()

    @app.post("/twilio/voice")
    async def voice() -> str:
        return "answered"

    @app.post("/twilio/resume")
    async def resume() -> str:
        return "goes on"

    @app.websocket("/twilio/media/{token}")
    async def media(socket: WebSocket, token: str) -> None:
        await socket.accept()
        await socket.send_text(token)

    add_health(app, "a secret", standing)
    app.add_middleware(LeaveToSiblings, takes=standing.takes)
    return app


def readiness(standing: Standing) -> tuple[int, str]:
    answer = TestClient(app_of(standing)).get("/readyz")
    return answer.status_code, answer.json()["status"]


def standing_of(*, siblings: bool, loaded: bool = True, draining: bool = False) -> Standing:
    standing = Standing(siblings, 60.0)
    standing.loaded, standing.draining = loaded, draining
    return standing


@pytest.mark.parametrize(
    ("siblings", "loaded", "draining", "told"),
    [
        (False, False, False, (200, "ready")),  # calls are passed to the practice until the models are there
        (True, False, False, (503, "loading")),
        (True, True, False, (200, "ready")),
        (True, True, True, (503, "draining")),
        (False, True, True, (503, "draining")),
    ],
)
def test_a_balancer_can_see_whom_to_ask(
    siblings: bool, loaded: bool, draining: bool, told: tuple[int, str]
) -> None:
    assert readiness(standing_of(siblings=siblings, loaded=loaded, draining=draining)) == told


def test_calls_and_streams_are_left_to_siblings_before_anything_is_done() -> None:
    standing = standing_of(siblings=True)
    browser = TestClient(app_of(standing))
    assert browser.post("/twilio/voice").status_code == 200
    with browser.websocket_connect("/twilio/media/t") as stream:
        assert stream.receive_text() == "t"
    standing.draining = True
    assert browser.post("/twilio/voice").status_code == 503
    with pytest.raises(WebSocketDenialResponse) as refused, browser.websocket_connect("/twilio/media/t"):
        pass
    assert refused.value.status_code == 503


def test_without_siblings_the_calls_that_are_here_are_still_answered_for() -> None:
    """A stream that broke, a transfer that ended: with 503 the carrier would ring the practice once more."""
    browser = TestClient(app_of(standing_of(siblings=False, draining=True)))
    assert browser.post("/twilio/voice").status_code == 503
    assert browser.post("/twilio/resume").status_code == 200
    with browser.websocket_connect("/twilio/media/t") as stream:
        assert stream.receive_text() == "t"
    browser = TestClient(app_of(standing_of(siblings=True, draining=True)))
    assert browser.post("/twilio/resume").status_code == 503


@pytest.mark.audio_time
async def test_calls_that_are_here_go_on_until_they_end() -> None:
    standing, calls = standing_of(siblings=True), [3]
    draining = asyncio.create_task(standing.drain(lambda: calls[0]))
    await asyncio.sleep(10)
    assert not draining.done()
    assert not standing.ready
    calls[0] = 0
    await asyncio.sleep(1)
    assert draining.done()


@pytest.mark.audio_time
async def test_but_not_for_longer_than_they_may() -> None:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await standing_of(siblings=True).drain(lambda: 1)
    assert loop.time() - began_s == pytest.approx(60.0)


def test_a_process_of_this_machine_that_has_ended_leads_no_call() -> None:
    own, host = new_owner(), socket.gethostname()
    assert not lives_elsewhere(own, own)
    assert not lives_elsewhere("", own)
    assert lives_elsewhere(f"{host}:{os.getppid()}:aa", own)
    assert not lives_elsewhere(f"{host}:4194305:aa", own)  # more than Linux gives
    assert lives_elsewhere("another-machine:17:aa", own)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"siblings": "true"}, "SQLite file"),
        ({"drain_s": "3601"}, "DRAIN_S is 3601"),
        ({"speech_workers": "speech.example.org"}, "starts with ws://"),
        ({"speech_workers": "ws://10.0.0.21:8090", "speech_worker_token": "short"}, "SPEECH_WORKER_TOKEN"),
    ],
)
def test_settings_that_cannot_work_are_named(given: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=told):
        load({f"FIRSTRING_{key.upper()}": value for key, value in given.items()}, tmp_path / "none.toml")
