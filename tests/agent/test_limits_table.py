"""The table of limits in docs/security.md says what the code does."""

from __future__ import annotations

from datetime import timedelta

from agent import answering, listening, texting, tries, web
from telephony import codec, media_stream, throttle, tokens
from tests.agent.documents import CONFIG, seconds, table
from voice.endpointing import MAX_UTTERANCE_MS


def kibibytes(value: int) -> str:
    return f"{round(value / 1024)} KiB"


LIMITS = {
    "head of a request, from connecting or from its first byte": seconds(listening.HEAD_LIMIT_S),
    "connection kept open between two requests": seconds(listening.KEEP_ALIVE_S),
    "connections open at once on a listener, calls included": str(listening.CONNECTION_LIMIT),
    "of these, without a whole request": str(listening.WAITING_LIMIT),
    "body of a webhook": kibibytes(CONFIG.body_limit_bytes),
    "time for a webhook's body": seconds(CONFIG.body_limit_s),
    "body on the private listener": kibibytes(web.STAFF_BODY_BYTES),
    "time for a body on the private listener": seconds(web.STAFF_BODY_S),
    "body that still comes after it was answered": kibibytes(listening.LEFTOVER_LIMIT_BYTES),
    "time for such a body": seconds(listening.LEFTOVER_LIMIT_S),
    "answering a webhook": seconds(CONFIG.handler_limit_s),
    "life of a stream's address": seconds(tokens.LIFETIME_S),
    "from opening a stream to its start": seconds(CONFIG.start_limit_s),
    "a stream's message": kibibytes(listening.MESSAGE_LIMIT_BYTES),
    "silence on a stream, not even empty frames": seconds(CONFIG.idle_limit_s),
    "malformed messages in a row": str(CONFIG.garbage_limit),
    "audio that may come at once, as after a stalled network": seconds(CONFIG.burst_s),
    "other messages of a stream, in the long run": f"{1_000 / throttle.OTHER_MS:g} a second",
    "sending to a carrier that does not read": seconds(media_stream.SEND_LIMIT_S),
    "further tries for a stream that does not begin": str(tries.MOST),
    "streams of one call taken up again": str(answering.MAX_RESUMPTIONS),
    "one utterance": seconds(MAX_UTTERANCE_MS / 1_000),
    "a text's sender is answered": f"once in {texting.ONCE_IN // timedelta(minutes=1)} min",
}


def test_the_documented_limits_are_the_real_ones() -> None:
    assert table("security.md", "Limits") == LIMITS


def test_the_socket_and_the_codec_agree_on_a_messages_size() -> None:
    assert codec.MESSAGE_LIMIT_BYTES == listening.MESSAGE_LIMIT_BYTES
