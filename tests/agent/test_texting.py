"""Texts to a number that only speaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from agent.texting import REMEMBERED, Texting, kind_of

NOW = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
ANN = "+16175550123"


@pytest.fixture
def texting() -> Texting:
    return Texting("Harbor Street Family Medicine")


def text(body: str, sender: str = ANN) -> dict[str, str]:
    return {"MessageSid": "SM1", "From": sender, "To": "+16175550100", "Body": body}


def test_a_question_is_pointed_to_the_telephone_once_an_hour(texting: Texting) -> None:
    assert "does not take text messages" in texting.reply(text("can i get my refill"), NOW)
    assert "<Message" not in texting.reply(text("hello?"), NOW + timedelta(minutes=59))
    assert "<Message" in texting.reply(text("hello?"), NOW + timedelta(minutes=61))
    assert "<Message" in texting.reply(text("hello?", "+16175550144"), NOW)


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "UNSUBSCRIBE", "Quit", "START", "unstop"])
def test_the_carriers_own_words_are_answered_by_the_carrier(texting: Texting, word: str) -> None:
    assert "<Message" not in texting.reply(text(word), NOW)
    assert "<Message" in texting.reply(text("hello"), NOW), "and are no answer of ours"


def test_help_is_answered_with_who_we_are(texting: Texting) -> None:
    assert "Harbor Street" in texting.reply(text("HELP"), NOW)


@pytest.mark.parametrize("sender", ["72975", "PHARMACY", "", "client:ann", "whatsapp:+16175550123"])
def test_what_is_no_telephone_gets_no_answer(texting: Texting, sender: str) -> None:
    assert "<Message" not in texting.reply(text("hello", sender), NOW)


@pytest.mark.parametrize("form", [{}, {"From": ANN}, {"Body": "x" * 60_000, "From": ANN}, {"Body": "\x00"}])
def test_odd_messages_are_no_trouble(texting: Texting, form: dict[str, str]) -> None:
    assert texting.reply(form, NOW).startswith("<?xml")


def test_a_word_inside_a_sentence_is_no_command() -> None:
    assert kind_of("please stop my refill") == "other"


def test_neither_words_nor_numbers_are_logged(texting: Texting) -> None:
    with capture_logs() as logs:
        texting.reply(text("my name is Maria Lopez"), NOW)
    assert logs == [{"event": "text.received", "kind": "other", "log_level": "info"}]


def test_many_senders_are_not_kept_for_ever(texting: Texting) -> None:
    for number in range(REMEMBERED + 50):
        texting.reply(text("hi", f"+1617555{number:04}"), NOW)
    assert len(texting._answered) == REMEMBERED
