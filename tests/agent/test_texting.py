"""Texts that come in: STOP, START and HELP at once, an answer to whoever waits for one, else a pointer."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from agent.texting import REMEMBERED, Texting, kind_of
from models import texts
from models.contact_tables import TextMessage, TextState
from tests.conversations.conftest import Line, line, mind, seeded  # noqa: F401  fixtures

ANN = "+16175550123"


@pytest.fixture
def texting(line: Line) -> Texting:  # noqa: F811
    return Texting(line.services)


numbers = itertools.count()


def text(body: str, sender: str = ANN) -> dict[str, str]:
    return {"MessageSid": f"SM{next(numbers)}", "From": sender, "To": "+16175550100", "Body": body}


async def is_stopped(texting: Texting, number: str = ANN) -> bool:
    return await texting._services.storage.read(lambda session: texts.is_stopped(session, number))


def pass_time(texting: Texting, minutes: float) -> None:
    clock = texting._services.clock
    texting._services.clock = lambda: clock() + timedelta(minutes=minutes)


async def test_a_question_is_pointed_to_the_telephone_once_an_hour(texting: Texting) -> None:
    assert "does not take text messages" in await texting.reply(text("can i get my refill"))
    pass_time(texting, 59)
    assert "<Message" not in await texting.reply(text("hello?"))
    pass_time(texting, 2)
    assert "<Message" in await texting.reply(text("hello?"))
    assert "<Message" in await texting.reply(text("hello?", "+16175550144"))


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "UNSUBSCRIBE", "Quit", "END", "revoke"])
async def test_stop_holds_at_once_and_the_carrier_confirms_it(texting: Texting, word: str) -> None:
    assert "<Message" not in await texting.reply(text(word))
    assert await is_stopped(texting)
    assert "<Message" not in await texting.reply(text("hello")), "who wants no texts gets none"


@pytest.mark.parametrize("word", ["START", "unstop", "YES"])
async def test_who_changes_their_mind_gets_texts_again(texting: Texting, word: str) -> None:
    await texting.reply(text("STOP"))
    assert "<Message" not in await texting.reply(text(word))
    assert not await is_stopped(texting)


async def test_a_start_that_is_replayed_does_not_undo_a_later_stop(texting: Texting) -> None:
    """A carrier's signature has no age. The process may be another one by then, or remember nothing."""
    start = text("START")
    await texting.reply(start)
    await texting.reply(text("STOP"))
    await Texting(texting._services).reply(start)
    assert await is_stopped(texting)


@pytest.mark.parametrize(
    "words",
    [
        "please stop texting me",
        "Stop sending me these messages!",
        "don’t text me anymore",
        "take me off your list",
        "I do not want any more texts",
        "wrong number",
        "do not contact me again",
    ],
)
async def test_stop_in_ones_own_words_holds_too_and_is_confirmed_once(texting: Texting, words: str) -> None:
    assert "you will get no more texts" in await texting.reply(text(words))
    assert await is_stopped(texting)


@pytest.mark.parametrize(
    "words",
    [
        "please stop my refill",
        "don't call my mother about it",
        "please call me back",
        "when does the pain stop",
        "cancel my appointment",
        "do not call the pharmacy",
    ],
)
def test_a_word_inside_a_sentence_is_no_command(words: str) -> None:
    assert kind_of(words) == "other"


async def test_stop_holds_for_texts_of_every_kind_that_are_promised_already(texting: Texting) -> None:
    storage, now = texting._services.storage, texting._services.clock()
    for purpose in ("code", "visit", "waitlist"):
        queue = partial(texts.queue_text, key=purpose, to_number=ANN, body="x", purpose=purpose, at=now)
        await storage.write(queue)
    await texting.reply(text("STOP"))
    rows = await storage.read(lambda session: session.exec(select(TextMessage)).all())
    assert [row.state for row in rows] == [TextState.WITHHELD] * 3


async def test_help_is_answered_with_who_we_are_and_how_to_stop(texting: Texting) -> None:
    await texting.reply(text("STOP"))
    reply = await texting.reply(text("HELP"))
    assert "Harbor Street" in reply
    assert "+16175550100" in reply
    assert "STOP" in reply


async def test_who_waits_for_an_answer_is_asked_in_turn_and_stop_never_gets_that_far(
    texting: Texting,
) -> None:
    heard: list[str] = []

    async def first(sender: str, body: str) -> str | None:
        heard.append(body)
        return None

    async def second(sender: str, body: str) -> str | None:
        return "Booked." if body == "yes" else None

    asked = Texting(texting._services, (("a", first), ("b", second)))
    assert "Booked." in await asked.reply(text("yes"))
    await asked.reply(text("STOP"))
    await asked.reply(text("please stop texting me"))
    assert heard == ["yes"]
    assert await is_stopped(texting)


@pytest.mark.parametrize("sender", ["72975", "PHARMACY", "", "client:ann", "whatsapp:+16175550123"])
async def test_what_is_no_telephone_gets_no_answer(texting: Texting, sender: str) -> None:
    assert "<Message" not in await texting.reply(text("hello", sender))


@pytest.mark.parametrize("form", [{}, {"From": ANN}, {"Body": "x" * 60_000, "From": ANN}, {"Body": "\x00"}])
async def test_odd_messages_are_no_trouble(texting: Texting, form: dict[str, str]) -> None:
    assert (await texting.reply(form)).startswith("<?xml")


async def test_neither_words_nor_numbers_are_logged(texting: Texting) -> None:
    with capture_logs() as logs:
        await texting.reply(text("my name is Maria Lopez"))
    assert logs == [{"event": "text.received", "kind": "other", "log_level": "info"}]


async def test_many_senders_are_not_kept_for_ever(texting: Texting) -> None:
    for number in range(REMEMBERED + 50):
        texting._is_due(f"+1617555{number:04}")
    assert len(texting._answered) == REMEMBERED
