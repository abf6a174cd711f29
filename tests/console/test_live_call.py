"""The page of a call that goes on: what it shows, how much of a long call, and what it tells the stream."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from console import LivePorts, Ports, add_pages, build_router
from console.happenings import tag
from console.live_call import MOST_TURNS
from models import records
from models.domain import (
    CallGlance,
    Disposition,
    Entity,
    IdentityLevel,
    Intent,
    Phase,
    RedFlagRaised,
    Transcript,
    TurnRecord,
    Understanding,
)
from models.records import CallEnding, TurnDetail
from models.storage import Storage
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail, words
from tests.console.test_markup import Outline

LIVE = "/calls/CA-live/live"
FLAG = RedFlagRaised("RF01", "emergency", "my <b>chest</b> hurts")


def says(
    storage: Storage, number: int, caller: str, agent: str, *, seconds: float = 0.0, **more: object
) -> None:
    turn = TurnRecord(
        number, sample.NOW + timedelta(seconds=seconds), caller, agent, phase="serving", confidence=0.9
    )
    state = {"turn": number}
    storage.write_now(lambda s: records.save_turn(s, "CA-live", turn, state, TurnDetail(**more)))  # type: ignore[arg-type]


def app_with(storage: Storage, seen: CallGlance) -> FastAPI:
    app = FastAPI()
    ports = Ports(live=LivePorts(glance=lambda _state: seen))
    add_pages(app, build_router(storage, lambda: sample.NOW, second_factor=False, ports=ports))
    return app


async def test_it_shows_what_is_said_and_what_was_understood(storage: Storage) -> None:
    heard = Transcript("a refill of lisinopril for <i>me</i>", 0.9)
    meaning = Understanding(
        heard,
        Intent.REFILL_REQUEST,
        (Intent.REFILL_REQUEST,),
        0.9,
        {"drug": Entity("lisinopril", (12, 22), 1.0)},
    )
    says(storage, 2, heard.text, "Which strength do you take?", understood=meaning)
    seen = CallGlance(
        Phase.SERVING, IdentityLevel.L1, "pat-7", "a refill", "refill", "Which strength?", (FLAG,)
    )
    html = await page(app_with(storage, seen), LIVE)
    text = words(html)
    for shown in (
        "On the line", "Being served", "name, birth date and number or ZIP agreed", "pat-7", "“a refill”",
        "Which strength?", "could somebody call me back about my bill",
        "Understood: refill a medicine, drug: lisinopril",
        "Which strength do you take?", "saying this now", "RF01", "Caller …0177",
    ):  # fmt: skip
        assert shown in text, shown
    assert "<b>chest" not in html
    assert "<i>me" not in html
    outline = Outline(html)
    assert outline.faults == []
    assert outline.tags.count("h1") == 1
    assert len(outline.ids) == len(set(outline.ids))
    assert f'data-call="{tag("CA-live")}"' in html


async def test_a_reply_that_was_broken_off_says_what_was_heard_of_it(app: FastAPI, storage: Storage) -> None:
    says(storage, 2, "and my bill", "I have your bill here, one moment.")
    storage.write_now(lambda s: records.mark_heard(s, "CA-live", 2, "I have your bill"))
    text = words(await page(app, LIVE))
    assert "Interrupted. Heard: “I have your bill”" in text
    assert "saying this now" not in text


async def test_home_names_the_danger_of_a_call_that_goes_on(storage: Storage) -> None:
    says(storage, 2, "my chest hurts", "Please hang up and call 911 now.")
    seen = CallGlance(Phase.HANDOFF, IdentityLevel.L0, red_flags=(FLAG,), in_danger=True)
    line = words(await page(app_with(storage, seen), "/home")).partition("On the line")[2]
    assert "…0177 , live RF01 “my chest hurts”" in line


async def test_a_danger_is_said_in_words(storage: Storage) -> None:
    says(storage, 2, "my chest hurts", "Please hang up and call 911 now.")
    seen = CallGlance(Phase.HANDOFF, IdentityLevel.L0, red_flags=(FLAG,), in_danger=True)
    assert "A danger sign is open on this call." in words(await page(app_with(storage, seen), LIVE))


async def test_of_a_long_call_the_last_turns_are_shown_with_a_way_to_the_others(
    app: FastAPI, storage: Storage
) -> None:
    def three_hours(session: Session) -> None:
        for number in range(2, 900):
            turn = TurnRecord(number, sample.NOW, f"word {number}.", f"answer {number}.")
            records.save_turn(session, "CA-live", turn, {})

    storage.write_now(three_hours)
    html = await page(app, LIVE)
    assert html.count('<li id="turn-') == MOST_TURNS
    assert "word 899." in html
    first = 900 - MOST_TURNS
    assert f'href="{LIVE}?before={first}"' in html
    earlier = await page(app, f"{LIVE}?before={first}")
    assert f"word {first - 1}." in earlier
    assert f"word {first}." not in earlier
    assert "data-call=" not in earlier, "what is over does not move"
    assert "Earlier turns" not in await page(app, f"{LIVE}?before=5")


async def test_an_ended_call_says_so_and_leads_to_its_page(app: FastAPI) -> None:
    html = await page(app, "/calls/CA-refill/live")
    assert "This call has ended." in words(html)
    assert 'href="/calls/CA-refill"' in html
    assert "data-call=" not in html


async def test_a_call_of_which_nothing_comes_any_more_says_since_when(storage: Storage, app: FastAPI) -> None:
    """Its process is dead, or its line: the last word came a minute ago."""
    assert "Nothing has come from this call since 10:59:00" in words(await page(app, LIVE))
    says(storage, 2, "hello", "Hello.", seconds=-20)
    assert "Nothing has come" not in words(await page(app, LIVE))


async def test_a_state_that_cannot_be_read_takes_nothing_else_from_the_page(storage: Storage) -> None:
    def unreadable(state: object) -> CallGlance:
        raise KeyError("phase")

    app = FastAPI()
    ports = Ports(live=LivePorts(glance=unreadable))
    add_pages(app, build_router(storage, lambda: sample.NOW, second_factor=False, ports=ports))
    text = words(await page(app, LIVE))
    assert "not identified" in text
    assert "call me back about my bill" in text


@pytest.mark.parametrize("path", ["/calls/CA-none/live", "/calls/CA-live/live?before=-1"])
async def test_what_is_not_there_is_one_sentence(app: FastAPI, path: str) -> None:
    async with browser(app) as kim:
        assert (await kim.get(path)).status_code in (400, 404)


async def test_a_page_left_open_is_written_down_once_in_a_while(app: FastAPI, storage: Storage) -> None:
    async with browser(app) as kim:
        for _ in range(3):
            await kim.get(LIVE, headers={"X-Refresh": "1"})
    assert [entry for entry in trail(storage) if entry[2] == "call/CA-live/live"] == [
        ("kim", "view", "call/CA-live/live")
    ]


async def test_home_and_the_calls_page_lead_to_it(app: FastAPI, storage: Storage) -> None:
    assert f'href="{LIVE}"' in await page(app, "/home")
    assert f'href="{LIVE}"' in await page(app, "/calls/CA-live")
    ending = CallEnding(Disposition.COMPLETED)
    storage.write_now(lambda s: records.close_call(s, "CA-live", sample.NOW, ending))
    assert f'href="{LIVE}"' not in await page(app, "/home")
    assert f'href="{LIVE}"' not in await page(app, "/calls/CA-live")
