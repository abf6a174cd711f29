"""How the carrier asks the server, on audio time: retry, limits, the fallback, and a network with faults."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from telephony.double import (
    Answer,
    CallResult,
    DoubleError,
    Ending,
    Fault,
    Manner,
    Staff,
)
from telephony.double.faults import ALWAYS, Network
from telephony.double.webhooks import CarrierClient, Overrides, overrides
from telephony.handlers import ArrivingCall
from tests.carrier.people import NURSE, person
from tests.telephony.agents import Desk, ToneAgent
from tests.telephony.pages import Pages
from tests.telephony.serving import account_nearby, app_of, double_nearby
from tests.telephony.signing import CALL, PUBLIC_URL, call_form

pytestmark = pytest.mark.audio_time

VOICE = f"{PUBLIC_URL}/twilio/voice"
TOKEN_HEADER = "i-twilio-idempotency-token"


@pytest.fixture
def app(pages: Pages) -> FastAPI:
    return pages.app()


def client(app: FastAPI, **faults: Fault) -> CarrierClient:
    network = Network({"/twilio/" + path: fault for path, fault in faults.items()})
    return CarrierClient(account_nearby(app), network)


async def ring(app: FastAPI, *steps: str, **more: Any) -> CallResult:
    manner = Manner(**{"unhurried": False, "longest_s": 60.0, **more})
    return await double_nearby(app, manner=manner).place_call(person(*steps))


def test_an_address_says_how_it_wants_to_be_asked() -> None:
    assert overrides("") == Overrides(5.0, 15.0, 15.0, 1, frozenset({"ct"}))
    wanted = overrides("rc=3&rp=ct,rt&ct=1000&rt=2000&tt=6000&e=ashburn")
    assert wanted == Overrides(1.0, 2.0, 6.0, 3, frozenset({"ct", "rt"}))
    assert overrides("rp=all").policy == frozenset({"4xx", "5xx", "ct", "rt"})


@pytest.mark.parametrize(
    ("fragment", "number"),
    [
        ("rp=sometimes", "11243"),
        ("rc=6", "11200"),
        ("ct=99", "11200"),
        ("tt=15001", "11200"),
        ("rc=x", "11200"),
    ],
)
def test_an_address_that_asks_for_too_much(fragment: str, number: str) -> None:
    with pytest.raises(DoubleError, match=number):
        overrides(fragment)


async def test_a_lost_request_is_sent_again_once_with_the_same_token(app: FastAPI, pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Hangup/>"]
    assert "Hangup" in await client(app, voice=Fault(lost=1)).post(VOICE, call_form())
    with pytest.raises(DoubleError, match="11205"):
        await client(app, voice=Fault(lost=2)).post(VOICE, call_form())
    assert len(pages.asked) == 1  # the second was given up before anything arrived


async def test_what_the_address_asks_for_is_tried_again(app: FastAPI, pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Hangup/>"]
    unheard = client(app, voice=Fault(unanswered=2))
    with pytest.raises(DoubleError, match="11200 no answer"):
        await unheard.post(VOICE, call_form())  # by itself the carrier repeats no request that arrived
    assert "Hangup" in await unheard.post(f"{VOICE}#rc=2&rp=rt", call_form())
    tokens = [headers[TOKEN_HEADER] for headers in pages.headers]
    assert len(tokens) == 3
    assert tokens[0] != tokens[1] == tokens[2]
    with pytest.raises(DoubleError, match="answered 500"):
        await client(app).post(f"{PUBLIC_URL}/twilio/resume#rc=2&rp=5xx", call_form())
    assert len(pages.forms("twilio/resume")) == 3


async def test_the_carrier_waits_no_longer_than_it_says(app: FastAPI, pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Hangup/>"]
    with pytest.raises(DoubleError, match=r"11200 no answer from \S+ in 0.2 s"):
        await client(app, voice=Fault(late_s=5.0)).post(f"{VOICE}#tt=200", call_form())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def server(desk: Desk) -> FastAPI:
    return app_of(desk)


async def test_our_server_does_a_repeated_request_once(server: FastAPI, desk: Desk) -> None:
    """Arrived twice, and the answer lost on the way: one arrival, and the same document."""
    documents = [
        await client(server, voice=Fault(copies=2)).post(VOICE, call_form()),
        await client(server, voice=Fault(unanswered=1)).post(f"{VOICE}#rp=rt", call_form()),
    ]
    assert len(desk.arrived) == 1
    assert documents[0] == documents[1]
    resume = f"{PUBLIC_URL}/twilio/resume"
    await client(server, resume=Fault(unanswered=1)).post(f"{resume}#rp=rt", call_form())
    assert desk.resumed == [CALL]
    twice = client(server, status=Fault(copies=3))
    await twice.post(f"{PUBLIC_URL}/twilio/status", call_form(CallStatus="completed", SequenceNumber="0"))
    assert desk.statuses == ["completed"]


@pytest.mark.parametrize(
    ("document", "number"),
    [(None, "11200"), ("</Response><x>", "12100"), ("<Redirect>/nowhere</Redirect>", "12100")],
)
async def test_a_fallback_address_is_told_what_went_wrong(
    app: FastAPI, pages: Pages, document: str | None, number: str
) -> None:
    if document:
        pages.documents["twilio/voice"] = [document]
    pages.documents["fallback"] = ["<Say>Sorry</Say>"]
    result = await ring(app, "wait:9", fallback=f"{PUBLIC_URL}/fallback")
    assert result.said == ["Sorry"]
    form = pages.forms("fallback")[0]
    failed = VOICE if "Redirect" not in (document or "") else f"{PUBLIC_URL}/nowhere"
    assert (form["ErrorCode"], form["ErrorUrl"], form["CallSid"]) == (number, failed, result.call_sid)


async def test_a_fallback_that_fails_too_ends_the_call(app: FastAPI) -> None:
    result = await ring(app, "wait:9", fallback=f"{PUBLIC_URL}/twilio/resume")
    assert result.ended is Ending.ERROR
    assert "/twilio/resume answered 500" in result.ended_detail


async def test_a_server_lost_in_mid_call_is_fallen_back_from() -> None:
    """The stream breaks, and nobody answers the question how to go on."""
    agent = ToneAgent()
    faults = {"/twilio/resume": Fault(lost=ALWAYS)}
    fallback = f"<Response><Dial>{NURSE}</Dial></Response>"
    result = await ring(app_of(agent), "wait:0.3", "drop", "wait:9", faults=faults, fallback=fallback)
    assert not agent.resumed
    assert (result.ended, result.dialled) == (Ending.DIALLED, [NURSE])
    assert result.streams[0].ended_by == "dropped"


async def test_whom_the_fallback_dials_may_be_busy(app: FastAPI) -> None:
    fallback = f"<Response><Dial>{NURSE}</Dial><Say>Please call later</Say></Response>"
    result = await ring(app, "wait:9", fallback=fallback, staff=Staff(Answer.DECLINE))
    assert (result.said, result.legs[0].status) == (["Please call later"], "busy")


async def test_a_late_status_is_no_hindrance(app: FastAPI, pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Hangup/>"]
    result = await ring(app, faults={"/twilio/status": Fault(late_s=0.3, lost=1)})
    assert (result.ended, result.warnings) == (Ending.AGENT_HUNG_UP, [])
    assert [form["CallStatus"] for form in pages.forms("twilio/status")] == ["completed"]


async def test_a_lost_status_is_a_warning(app: FastAPI, pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Reject reason='busy'/>"]
    result = await ring(app, faults={"/twilio/status": Fault(lost=ALWAYS)})
    assert (result.status, [warning[:5] for warning in result.warnings]) == ("busy", ["11205"])


class Telling(ToneAgent):
    """Wants to be told of its streams."""

    async def arriving(self, call: ArrivingCall) -> str:
        document = await super().arriving(call)
        return document.replace("<Stream ", "<Stream name='main' statusCallback='/news' ")


async def test_a_stream_tells_its_own_address(pages: Pages) -> None:
    app = app_of(Telling())

    async def news(request: Request) -> Response:
        return await pages.page("news", request)

    app.add_api_route("/news", news, methods=["POST"])
    result = await ring(app, "wait:0.3", "hangup")
    told = {form["StreamEvent"]: form for form in pages.forms("news")}
    assert set(told) == {"stream-started", "stream-stopped"}
    started = told["stream-started"]
    assert (started["StreamSid"], started["StreamName"]) == (result.streams[0].stream_sid, "main")


async def test_a_stream_that_cannot_be_opened_tells_why(app: FastAPI, pages: Pages) -> None:
    stream = "<Stream url='wss://phone.example.org/nowhere' statusCallback='/news'/>"
    pages.documents["twilio/voice"] = [f"<Connect>{stream}</Connect><Hangup/>"]
    await ring(app, "wait:9")
    (form,) = pages.forms("news")
    assert (form["StreamEvent"], form["StreamError"][:5]) == ("stream-error", "31920")
