"""`doctor --live` against an account as Twilio's client sees it: every difference is shown as it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from agent.doctor import report
from agent.doctor.findings import Finding, Outcome
from agent.doctor.live import BY_HAND, live
from agent.settings import Settings
from models.errors import SettingsError
from telephony.double.account_desk import API, AccountRecord, NumberRecord, account_router
from tests.agent.doctor.conftest import HEALTHY_SID, HEALTHY_TOKEN, of, troubles
from tests.agent.doctor.tls import serving

URL = "https://phone.example.org"
STAFF, LINE = "+16175550100", "+16175550111"
RIGHT = NumberRecord(
    LINE,
    voice_url=f"{URL}/twilio/voice",
    voice_fallback_url="https://handler.twilio.com/twiml/EH0",
    status_callback=f"{URL}/twilio/status",
)
ACCOUNT = AccountRecord(HEALTHY_SID, HEALTHY_TOKEN, numbers=(RIGHT,))


def chosen(base: str, **changes: object) -> Settings:
    settings = Settings(
        public_url=URL, twilio_account_sid=HEALTHY_SID, twilio_auth_token=HEALTHY_TOKEN, twilio_api_base=base,
        staff_number=STAFF,
    )  # fmt: skip
    return dataclasses.replace(settings, **changes)  # type: ignore[arg-type]


def asked(account: AccountRecord, **changes: object) -> list[Finding]:
    app = FastAPI()
    app.include_router(account_router(account))
    with serving(app) as port:
        return list(live(chosen(f"http://127.0.0.1:{port}", **changes)))


def with_number(**changes: object) -> AccountRecord:
    return dataclasses.replace(ACCOUNT, numbers=(dataclasses.replace(RIGHT, **changes),))  # type: ignore[arg-type]


def test_an_account_in_order() -> None:
    findings = asked(ACCOUNT)
    assert not troubles(findings)
    assert of(findings, "account").detail == "active, Full"
    assert of(findings, "clock at the carrier").outcome is Outcome.OK
    by_hand = [each for each in findings if each.check.startswith("by hand")]
    assert len(by_hand) == len(BY_HAND)
    assert {each.outcome for each in by_hand} == {Outcome.NOT_CHECKED}
    assert HEALTHY_TOKEN not in str(findings)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"voice_url": f"{URL}/voice"}, f"voice URL is {URL}/voice, and must be {URL}/twilio/voice"),
        ({"voice_method": "GET"}, "voice method is GET, and must be POST"),
        ({"status_callback": ""}, f"status callback is empty, and must be {URL}/twilio/status"),
        ({"voice_fallback_url": ""}, "no fallback"),
        ({"voice_fallback_url": f"{URL}/x"}, "its fallback is this very machine"),
        ({"voice_application_sid": "AP1"}, "a TwiML application goes before the webhook"),
        ({"trunk_sid": "TK1"}, "a SIP trunk goes before the webhook"),
        ({"voice_url": "https://demo.twilio.com/welcome"}, f"none of {LINE} leads to PUBLIC_URL"),
        ({"voice": False}, "no number with voice"),
        ({"phone_number": STAFF}, "would run in a circle"),
    ],
)
def test_a_number_configured_otherwise(changes: dict[str, object], says: str) -> None:
    assert says in troubles(asked(with_number(**changes)))


def test_numbers_on_a_second_page_are_seen() -> None:
    others = [NumberRecord(f"+1617555{index:04}") for index in range(60)]
    findings = asked(dataclasses.replace(ACCOUNT, numbers=(*others, RIGHT)))
    assert not troubles(findings)


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (dataclasses.replace(ACCOUNT, status="suspended"), "FAIL account: its status is suspended"),
        (dataclasses.replace(ACCOUNT, kind="Trial"), "warn account: active, but a trial"),
        (
            dataclasses.replace(ACCOUNT, auth_token="0" * 32),
            "FAIL credentials: the carrier answered 401, code 20003",
        ),
    ],
)
def test_an_account_that_cannot_serve(account: AccountRecord, says: str) -> None:
    findings = asked(account)
    assert says in troubles(findings)
    assert HEALTHY_TOKEN not in str(findings)


def test_a_carrier_that_cannot_be_reached() -> None:
    said = troubles(list(live(chosen("http://127.0.0.1:9"))))
    assert "the carrier could not be reached" in said
    assert "status.twilio.com" in said


def test_no_account_to_ask() -> None:
    (finding,) = live(chosen("", twilio_auth_token=""))
    assert finding.outcome is Outcome.NOT_CHECKED


# ------------------------------------------------------------------ one real call, asked for twice


@dataclasses.dataclass
class Exchange:
    """A carrier that also places calls."""

    base: str
    placed: list[dict[str, list[str]]]


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Exchange]:
    placed: list[dict[str, list[str]]] = []
    app = FastAPI()
    app.include_router(account_router(ACCOUNT))

    @app.post(API + "/{sid}/Calls.json")
    async def create(sid: str, request: Request) -> JSONResponse:
        placed.append(parse_qs((await request.body()).decode()))
        return JSONResponse({"sid": "CA" + "1" * 32, "account_sid": sid, "status": "queued"}, 201)

    with serving(app) as port:
        base = f"http://127.0.0.1:{port}"
        for field, value in dataclasses.asdict(chosen(base, data_dir=tmp_path / "data")).items():
            monkeypatch.setenv(f"FIRSTRING_{field.upper()}", "" if value is None else str(value))
        monkeypatch.setattr("agent.doctor.CHECKS", ())
        monkeypatch.setattr("agent.doctor.examine", lambda _: iter(()))
        yield Exchange(base, placed)


def test_a_call_is_placed_only_after_its_number_was_typed_once_more(exchange: Exchange) -> None:
    shown: list[str] = []
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return f"{STAFF}\n"

    assert report(None, shown.append, as_json=False, live=True, call=STAFF, ask=ask)
    assert "charges" in questions[0]
    (order,) = exchange.placed
    assert (order["To"], order["From"], order["Url"]) == ([STAFF], [LINE], [f"{URL}/twilio/voice"])
    assert any("test call: placed" in line for line in shown)


def test_anything_else_typed_calls_nobody(exchange: Exchange) -> None:
    shown: list[str] = []
    assert report(None, shown.append, as_json=False, live=True, call=STAFF, ask=lambda _: "yes")
    assert not exchange.placed
    assert any("nobody was called" in line for line in shown)


def test_a_number_that_cannot_be_called(exchange: Exchange) -> None:
    with pytest.raises(SettingsError, match="in the form"):
        report(None, lambda _: None, as_json=False, live=True, call="911", ask=lambda _: "911")
