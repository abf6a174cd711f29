"""The documents we answer the carrier with, built by Twilio's own classes only.

Sources: https://www.twilio.com/docs/voice/twiml/stream, .../twiml/dial, .../twiml/redirect
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from twilio.twiml.messaging_response import MessagingResponse  # type: ignore[import-untyped]
from twilio.twiml.voice_response import Connect, VoiceResponse  # type: ignore[import-untyped]

from models.errors import ProtocolError

KEY_S = 6  # how long a person who was called may think
RING_S = 30  # how long the practice's phone rings
PARAMETER_LIMIT = 500  # characters of a <Parameter>'s name or value
# XML 1.0 section 2.2: characters that no escaping makes legal.
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def connect_stream(ws_url: str, resume_url: str, parameters: Mapping[str, str] | None = None) -> str:
    """Bring the call to our stream. Whenever the stream ends without the call, ask us how to go on."""
    if "?" in ws_url or not ws_url.startswith(("wss://", "ws://")):
        raise ProtocolError("a stream address is wss:// and has no query; use parameters")
    response, connect = VoiceResponse(), Connect()
    stream = connect.stream(url=ws_url)
    for name, value in (parameters or {}).items():
        if max(len(name), len(value)) > PARAMETER_LIMIT:
            raise ProtocolError("a stream parameter is longer than 500 characters")
        stream.parameter(name=_legal(name), value=_legal(value))
    response.append(connect)
    response.redirect(resume_url, method="POST")
    return _text(response)


def dial_practice(
    number: str, say: str | None = None, action_url: str | None = None, *, ring_s: int = RING_S
) -> str:
    """Put the caller through. ``action_url`` (POST) is asked how to go on when the leg has ended."""
    response = VoiceResponse()
    if say:
        response.say(_legal(say))
    after = {"action": action_url, "method": "POST"} if action_url else {}
    response.dial(number, timeout=ring_s, **after)
    return _text(response)


def hold(music_url: str, next_url: str, say: str = "") -> str:
    """Some seconds of sound, then ask us again: a caller who waits for a person is never out of our hands."""
    response = VoiceResponse()
    if say:
        response.say(_legal(say))
    response.play(music_url)
    response.redirect(next_url, method="POST")
    return _text(response)


def go_to(url: str) -> str:
    """Ask us anew, at once: an order for a live call."""
    response = VoiceResponse()
    response.redirect(url, method="POST")
    return _text(response)


def meet(conference: str, *, say: str = "", action_url: str = "") -> str:
    """Into a conference of two: it begins with either, and whoever leaves ends it."""
    response = VoiceResponse()
    if say:
        response.say(_legal(say))
    dial = response.dial(**({"action": action_url, "method": "POST"} if action_url else {}))
    dial.conference(conference, start_conference_on_enter=True, end_conference_on_exit=True, beep="false")
    return _text(response)


def ask_for_key(text: str, action_url: str, *, timeout_s: int = KEY_S, times: int = 2) -> str:
    """Says it, waits for one key; after ``times`` without one, hangs up."""
    response = VoiceResponse()
    for _ in range(times):
        gather = response.gather(num_digits=1, timeout=timeout_s, action=action_url, method="POST")
        gather.say(_legal(text))
    response.hangup()
    return _text(response)


def say_and_hang_up(text: str) -> str:
    """The carrier's own voice: for when none of ours is to be had."""
    response = VoiceResponse()
    response.say(_legal(text))
    response.hangup()
    return _text(response)


def hang_up() -> str:
    response = VoiceResponse()
    response.hangup()
    return _text(response)


def reply_by_message(text: str) -> str:
    """Answer to a text message; ``""`` answers nothing."""
    response = MessagingResponse()
    if text:
        response.message(_legal(text))
    return _text(response)


def _legal(text: str) -> str:
    return _NOT_XML.sub("", text)


def _text(response: VoiceResponse | MessagingResponse) -> str:
    return str(response.to_xml())
