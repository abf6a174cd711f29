"""Forged, replayed, expired, foreign and altered requests: all refused, and nothing is done by any of them.

The practice is the real one: its doors, its handlers, its database, its chart and its console.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, func, select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from agent import web
from models.tables import Call
from tests.edge import forgeries
from tests.edge.conftest import House
from tests.edge.forging import VOICE, Sent, deliver, json_of, json_webhook, knock, webhook
from tests.edge.odd import OddCall, verbs
from tests.telephony.signing import CALL, CONFIG, PUBLIC_URL, call_form, signature

REFUSED = frozenset({400, 401, 403, 404, 405, 413, 415})
NOT_SIGNED_IN = frozenset({303, *REFUSED})  # the console leads to its sign-in page


async def calls_stored(house: House) -> int:
    def count(session: Session) -> int:
        return session.exec(select(func.count()).select_from(Call)).one()

    return await house.line.services.storage.read(count)


def test_the_table_is_as_long_as_promised_and_has_every_door(house: House) -> None:
    rows = len(forgeries.WEBHOOKS) + len(forgeries.upgrades(house.answering.tokens))
    assert rows + len(forgeries.CHART) + len(forgeries.CONSOLE) >= 180
    assert set(forgeries.DOORS) == set(house.answering.doors())


async def test_no_forged_webhook_is_taken(house: House) -> None:
    app = web.public_app(house.line.services, house.answering)
    wrong = {
        name: answer.status_code
        for name, sent in forgeries.WEBHOOKS.items()
        if (answer := await deliver(app, sent)).status_code not in REFUSED
    }
    assert not wrong
    assert await calls_stored(house) == 0
    assert not house.answering.streams


async def test_no_forged_stream_is_accepted(house: House) -> None:
    app = web.public_app(house.line.services, house.answering)
    rows = forgeries.upgrades(house.answering.tokens)
    accepted = []
    for name, (path, headers, query) in rows.items():
        if await knock(app, path, headers, query) != "refused":
            accepted.append(name)
    assert not accepted
    token = house.answering.tokens.mint(CALL)
    assert await knock(app, f"/twilio/media/{token}", forgeries.sealed(token)) == "accepted"


def with_token(sent: Sent, token: str) -> Sent:
    def filled(text: str) -> str:
        return text.replace("TOKEN", token).replace("UPPER", token.upper())

    headers = [(name, filled(text)) for name, text in sent.headers]
    return replace(sent, target=filled(sent.target), headers=headers)


@pytest.mark.parametrize("table", [forgeries.CHART, forgeries.CONSOLE], ids=["chart", "console"])
async def test_no_stranger_reads_or_writes_by_the_private_listener(
    house: House, table: dict[str, Sent]
) -> None:
    services: Any = house.line.services
    app = web.private_app(services, house.answering)
    wrong = {}
    for name, sent in table.items():
        answer = await deliver(app, with_token(sent, services.settings.fhir_token))
        allowed = REFUSED if name.startswith("chart") else NOT_SIGNED_IN
        if answer.status_code not in allowed:
            wrong[name] = answer.status_code
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in")
    assert not wrong
    genuine = Sent("/fhir/Patient", headers=[("authorization", f"Bearer {services.settings.fhir_token}")])
    assert (await deliver(app, replace(genuine, method="GET"))).status_code == 200


async def test_the_private_doors_are_not_on_the_public_listener(house: House) -> None:
    app = web.public_app(house.line.services, house.answering)
    bearer = [("authorization", f"Bearer {house.line.services.settings.fhir_token}")]
    for target in (
        "/fhir/Patient",
        "/fhir/metadata",
        "/metrics",
        "/sign-in",
        "/calls",
        "/openapi.json",
        "/docs",
    ):
        assert (await deliver(app, Sent(target, headers=bearer, method="GET"))).status_code == 404


# ------------------------------------------------------------------ what was genuine, once more


async def test_a_replayed_arrival_opens_no_second_call_and_revives_none(house: House) -> None:
    async with OddCall(house.base) as call:
        first = await call.asks("voice")
        assert (await call.asks("voice")).text == first.text
        await call.hangs_up()
        restarted = web.public_app(house.line.services, house.answering)  # remembers no answer
        form = call_form(CallSid=call.call_sid, To="+16175550100")
        again = await deliver(restarted, webhook(form=form))
        assert "<Hangup" in again.text
        assert "<Stream" not in again.text
        resumed = await deliver(restarted, webhook("/twilio/resume", form=form))
        assert "<Stream" not in resumed.text
    assert await calls_stored(house) == 1


async def test_a_replayed_stream_is_shown_out_and_the_first_goes_on(house: House) -> None:
    async with OddCall(house.base) as call, OddCall(house.base, call_sid=call.call_sid) as second:
        answer = await call.rings()
        await call.starts(answer)
        await second.opens(answer)
        await second.sends(second.start())
        assert await second.is_shown_out() == 1008
        await call.presses_zero()
        assert verbs(await call.resumes()) == ["Dial"]


@pytest.mark.parametrize(
    "changed", [{"callSid": "CA" + "9" * 32}, {"accountSid": "AC" + "9" * 32}, {"callSid": "%"}]
)
async def test_a_start_of_another_call_or_account_is_shown_out(house: House, changed: dict[str, str]) -> None:
    async with OddCall(house.base) as call:
        await call.opens(await call.rings())
        await call.sends(call.start(**changed))
        assert await call.is_shown_out() == 1008
    assert not house.answering.streams


async def test_neither_a_second_start_nor_sound_before_the_first_moves_a_call(house: House) -> None:
    async with OddCall(house.base) as call:
        await call.opens(await call.rings())
        await call.sends(call.frame(), call.says("dtmf", dtmf={"digit": "0"}), call.start())
        await call.hears()
        stolen = OddCall(house.base)
        await call.sends(call.start(callSid=stolen.call_sid), call.start(streamSid="MZ" + "9" * 32))
        await call.hears()
        assert list(house.answering.streams) == [call.call_sid]
        assert house.answering.streams[call.call_sid].started.call_sid == call.call_sid
        await stolen.__aexit__(None, None, None)


# ------------------------------------------------------------------ what is genuine

KEYED = replace(CONFIG, signing_keys={"webhooks_sharedkey_1": "s3cret"})
KEYED_SETTINGS = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
KEYED_SIGNATURE = RequestValidator("s3cret").compute_signature(PUBLIC_URL + VOICE, call_form(), "HMAC_SHA256")
GENUINE: dict[str, Sent] = {  # tests/telephony/test_signatures.py has the carrier's own documented examples
    "as documented": webhook(),
    "with the port": webhook(over="https://phone.example.org:443/twilio/voice"),
    "fields in another order": webhook(sends=lambda body: b"&".join(reversed(body.split(b"&")))),
    "spaces as %20": webhook(
        form=call_form(CallerCity="SAN FRANCISCO"), sends=lambda body: body.replace(b"+", b"%20")
    ),
    "fields that are new": webhook(form=call_form(StirVerstat="TN-Validation-Passed-A", NewField="x")),
    "letters of any language": webhook(form=call_form(CallerName="Žofia 李 🙂")),
    "headers that say nothing": webhook(more=[("x-forwarded-host", "evil.test"), ("host", "10.0.0.7:8080")]),
    "JSON": json_webhook(json_of()),
    "a content type with its charset": webhook(kind="application/x-www-form-urlencoded; charset=utf-8"),
}


async def test_what_is_genuine_is_answered(house: House) -> None:
    app = web.public_app(house.line.services, house.answering)
    refused = {
        n: a.status_code for n, s in GENUINE.items() if (a := await deliver(app, s)).status_code != 200
    }
    assert not refused


async def test_both_tokens_are_genuine_while_one_takes_the_others_place(house: House) -> None:
    house.answering.config = replace(CONFIG, other_token=forgeries.NEW_TOKEN)
    app = web.public_app(house.line.services, house.answering)
    door = webhook("/twilio/busy/dialled", token=forgeries.NEW_TOKEN)
    for sent in (webhook(), webhook(token=forgeries.NEW_TOKEN), door):
        assert (await deliver(app, sent)).status_code == 200
    for token in (forgeries.FORMER_TOKEN, "", "another"):
        assert (await deliver(app, webhook(token=token))).status_code == 403
    stream = house.answering.tokens.mint(CALL)
    seal = signature(CONFIG.stream_url(stream), token=forgeries.NEW_TOKEN)
    assert await knock(app, f"/twilio/media/{stream}", [("x-twilio-signature", seal)]) == "accepted"


async def test_an_empty_other_token_accepts_nothing(house: House) -> None:
    house.answering.config = replace(CONFIG, other_token="")
    app = web.public_app(house.line.services, house.answering)
    assert (await deliver(app, webhook(token=""))).status_code == 403
    assert (await deliver(app, webhook())).status_code == 200


async def test_a_shared_keys_signature_is_genuine_where_the_key_is_configured(house: House) -> None:
    house.answering.config = KEYED
    settings = (forgeries.SHARED_KEY, KEYED_SETTINGS)
    sent = webhook(signs=lambda _: [KEYED_SIGNATURE], more=[settings])
    assert (await deliver(web.public_app(house.line.services, house.answering), sent)).status_code == 200
    forged = webhook(signs=lambda _: [signature(PUBLIC_URL + VOICE, call_form())], more=[settings])
    assert (await deliver(web.public_app(house.line.services, house.answering), forged)).status_code == 403
