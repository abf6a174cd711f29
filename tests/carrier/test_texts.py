"""Text messages: what we send lands in an inbox, and what people send is answered."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from telephony.double import Double, DoubleError, Exchange, Fault, Manner
from tests.carrier.conftest import Api
from tests.carrier.people import LANDLINE, NURSE, OURS, WRONG
from tests.telephony.agents import Desk
from tests.telephony.pages import Pages
from tests.telephony.serving import app_of, double_nearby
from tests.telephony.signing import PUBLIC_URL


@pytest.fixture
def telephone(pages: Pages, exchange: Exchange) -> Double:
    return double_nearby(pages.app(), from_number=NURSE, to_number=OURS, exchange=exchange)


@pytest.mark.parametrize(
    ("number", "statuses", "error_code"),
    [
        (NURSE, ["queued", "sent", "delivered"], None),
        (LANDLINE, ["queued", "sent", "undelivered"], 30006),
        (WRONG, ["queued", "failed"], 30008),
    ],
)
async def test_a_text_message_is_followed_to_its_end(
    api: Api, exchange: Exchange, pages: Pages, number: str, statuses: list[str], error_code: int | None
) -> None:
    sent = await api.ask(lambda twilio: twilio.messages.create(
        to=number, from_=OURS, body="Your code is 123", status_callback=f"{PUBLIC_URL}/text"
    ))  # fmt: skip
    await exchange.settled()
    seen = await api.ask(lambda twilio: twilio.messages(sent.sid).fetch())
    assert (seen.status, seen.error_code, seen.num_segments) == (statuses[-1], error_code, "1")
    told = pages.forms("text")
    assert sorted(form["MessageStatus"] for form in told) == sorted(statuses)
    assert [form["ErrorCode"] for form in told if "ErrorCode" in form] == (
        [str(error_code)] if error_code else []
    )
    assert exchange.inbox.to(number) == (["Your code is 123"] if statuses[-1] == "delivered" else [])


REFUSED_TEXTS: list[tuple[dict[str, Any], int]] = [
    ({"to": "12"}, 21211),
    ({"to": ""}, 21604),
    ({"from_": "x"}, 21212),
    ({"from_": ""}, 21603),
    ({"body": ""}, 21602),
    ({"body": "x" * 1_601}, 21617),
]


async def test_text_messages_that_are_not_taken(api: Api, exchange: Exchange) -> None:
    for change, code in REFUSED_TEXTS:
        given = {"to": NURSE, "from_": OURS, "body": "hello"} | change
        with pytest.raises(TwilioRestException) as refusal:
            await api.create("messages", **given)
        assert (refusal.value.status, refusal.value.code) == (400, code), change
    assert not exchange.inbox.messages


async def test_a_persons_text_is_signed_and_its_answer_read(
    telephone: Double, api: Api, exchange: Exchange, pages: Pages
) -> None:
    pages.documents["twilio/sms"] = ["<Message>First</Message><Message><Body>Second</Body></Message>"]
    assert await telephone.text("Are you open?") == ["First", "Second"]
    form = pages.forms("twilio/sms")[0]
    assert (form["Body"], form["From"], form["To"], form["NumMedia"]) == ("Are you open?", NURSE, OURS, "0")
    assert exchange.inbox.to(NURSE) == ["First", "Second"]
    every = await api.ask(lambda twilio: twilio.messages.list(to=NURSE))
    assert {each.direction for each in every} == {"outbound-reply"}


async def test_our_server_answers_a_text_once_however_often_it_arrives() -> None:
    desk, twice = Desk(), Manner(faults={"/twilio/sms": Fault(copies=2)})
    double = double_nearby(app_of(desk), from_number=NURSE, to_number=OURS, manner=twice)
    assert await double.text("Are you open?") == ["Thank you."]
    assert desk.messages == ["Are you open?"]
    assert double.exchange.inbox.to(NURSE) == ["Thank you."]


async def test_who_wrote_stop_is_sent_nothing(
    telephone: Double, api: Api, exchange: Exchange, pages: Pages
) -> None:
    pages.documents["twilio/sms"] = [""]
    assert await telephone.text("Stop") == []
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.messages.create(to=NURSE, from_=OURS, body="hello"))
    assert refusal.value.code == 21610
    await telephone.text("START")
    await api.ask(lambda twilio: twilio.messages.create(to=NURSE, from_=OURS, body="hello"))
    await exchange.settled()
    assert exchange.inbox.to(NURSE) == ["hello"]


@pytest.mark.parametrize(("document", "fault"), [("</Response><x>", "12100"), (None, "12100")])
async def test_an_answer_that_is_no_document(
    telephone: Double, pages: Pages, document: str | None, fault: str
) -> None:
    if document:
        pages.documents["twilio/sms"] = [document]
    with pytest.raises(DoubleError, match=fault):
        await telephone.text("hello")
