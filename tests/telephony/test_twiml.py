"""The documents we answer with."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from models.errors import ProtocolError
from telephony import twiml

WSS, RESUME = "wss://phone.example.org/twilio/media/t", "https://phone.example.org/twilio/resume"
NASTY = 'Tom & Jerry\'s <Dial>+1900</Dial> \x00\x0b\ud800\uffff "ok" é'


def test_a_stream_is_followed_by_the_question_how_to_go_on() -> None:
    root = ElementTree.fromstring(twiml.connect_stream(WSS, RESUME, {"resumed": "yes"}))
    assert [element.tag for element in root] == ["Connect", "Redirect"]
    stream = root[0][0]
    assert (stream.tag, stream.attrib) == ("Stream", {"url": WSS})
    assert [parameter.attrib for parameter in stream] == [{"name": "resumed", "value": "yes"}]
    assert root[1].text == RESUME
    assert root[1].attrib == {"method": "POST"}


@pytest.mark.parametrize("url", ["https://phone.example.org/x", "wss://phone.example.org/x?token=1", ""])
def test_a_stream_address_that_the_carrier_would_refuse_is_refused(url: str) -> None:
    with pytest.raises(ProtocolError, match="stream address"):
        twiml.connect_stream(url, RESUME)


def test_a_parameter_too_long_for_the_carrier_is_refused() -> None:
    with pytest.raises(ProtocolError, match="500"):
        twiml.connect_stream(WSS, RESUME, {"a": "x" * 501})


def test_dialling_the_practice() -> None:
    root = ElementTree.fromstring(twiml.dial_practice("+15555550199", "One moment.", RESUME))
    assert [(element.tag, element.text) for element in root] == [
        ("Say", "One moment."),
        ("Dial", "+15555550199"),
    ]
    assert root[1].attrib == {"timeout": "30", "action": RESUME, "method": "POST"}
    (dial,) = ElementTree.fromstring(twiml.dial_practice("+15555550199"))
    assert dial.attrib == {"timeout": "30"}


def test_ending_and_replying() -> None:
    assert [element.tag for element in ElementTree.fromstring(twiml.say_and_hang_up("Goodbye."))] == [
        "Say",
        "Hangup",
    ]
    assert [element.tag for element in ElementTree.fromstring(twiml.hang_up())] == ["Hangup"]
    assert len(ElementTree.fromstring(twiml.reply_by_message(""))) == 0
    assert ElementTree.fromstring(twiml.reply_by_message("Thanks"))[0].text == "Thanks"


@pytest.mark.parametrize(
    "document",
    [twiml.say_and_hang_up(NASTY), twiml.dial_practice("+15555550199", NASTY), twiml.reply_by_message(NASTY)],
)
def test_words_stay_words(document: str) -> None:
    words = ElementTree.fromstring(document)[0]
    assert words.text == 'Tom & Jerry\'s <Dial>+1900</Dial>  "ok" é'
    assert len(words) == 0
