"""TwiML as the double reads it, and what is spoken or shown in our own."""

from __future__ import annotations

from models.errors import FirstringError
from telephony import twiml
from telephony.double import verbs

STREAM, RESUME = "wss://phone.example.org/twilio/media/t", "https://phone.example.org/twilio/resume"


def seeds() -> list[bytes]:
    documents = (
        twiml.connect_stream(STREAM, RESUME, {"a": "b"}),
        twiml.dial_practice("+16175550100", "One moment", RESUME),
        twiml.hold(RESUME, RESUME, "Please wait"),
        twiml.meet("room", say="Hello", action_url=RESUME),
        twiml.ask_for_key("Press 1", RESUME),
        twiml.reply_by_message("Thank you."),
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>',
        "<Response>" + "<Dial>" * 40 + "</Dial>" * 40 + "</Response>",
    )
    return [document.encode() for document in documents]


def once(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    _read(text)
    assert _read(twiml.say_and_hang_up(text)), "what we write can be read, whatever is said"
    assert _read(twiml.dial_practice("+16175550100", text or None))


def _read(document: str) -> tuple[verbs.Verb, ...]:
    try:
        read = verbs.parse(document)
        for verb in read:
            verb.seconds("timeout", 1.0)
    except FirstringError:
        return ()
    return read
