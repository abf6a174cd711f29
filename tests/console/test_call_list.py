"""The list of calls as staff search it: by what was said and what became of it, with nothing personal in an
address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from console.call_ask import SEARCHED, CallAsk, Personal, read_number
from console.call_list_pages import RED_FLAGS
from models import records
from models.domain import Disposition, Intent, TurnRecord
from models.records import CallEnding
from models.search_keys import ANSWERS
from models.storage import Storage
from models.tables import AuditEntry, CallSearch
from tests.console import sample
from tests.console.browser import Browser, browser, page
from tests.console.test_console import trail, words


def shown(html: str) -> list[str]:
    return re.findall(r'<th scope="row" class="time"><a href="/calls/(CA[\w-]+)', html)


async def search(client: Browser, **asked: str) -> tuple[str, str]:
    """The address that the form leads to, and its page."""
    answer = await client.post("/calls/search", data=asked)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    there = await client.get(address)
    assert there.status_code == 200
    return address, there.text


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ({}, ["CA-live", "CA-danger", "CA-refill", "CA-booking"]),
        ({"words": "lysine pills"}, ["CA-refill"]),
        ({"words": "chest, my arms"}, ["CA-danger"]),
        ({"words": "chest refill"}, []),
        ({"number": "(555) 555-0142"}, []),
        ({"number": "0142"}, ["CA-danger"]),
        ({"number": "+1 555 0142"}, ["CA-danger"]),
        ({"flag": "any"}, ["CA-danger"]),
        ({"flag": "RF14"}, []),
        ({"ended": "completed"}, ["CA-refill", "CA-booking"]),
        ({"ended": "completed", "words": "refilled"}, ["CA-refill"]),
        ({"unsure": "yes"}, ["CA-refill"]),
        ({"unreviewed": "yes"}, ["CA-danger", "CA-refill", "CA-booking"]),
        ({"teaching": "yes"}, []),
        ({"intent": "refill_request", "ended": "escalated"}, ["CA-danger"]),
        ({"intent": "billing_question"}, []),
        ({"first": "2026-03-09", "last": "2026-03-09"}, ["CA-live", "CA-danger", "CA-refill", "CA-booking"]),
        ({"first": "2026-03-10"}, []),
        ({"last": "2026-03-08", "words": "refill"}, []),
    ],
)
async def test_a_search_finds_the_calls_that_are_like_that(
    app: FastAPI, asked: dict[str, str], calls: list[str]
) -> None:
    async with browser(app) as kim:
        _, html = await search(kim, **asked)
    assert shown(html) == calls


async def test_an_address_holds_nothing_personal_and_can_be_passed_on(app: FastAPI) -> None:
    async with browser(app) as kim, browser(app, "lee") as lee:
        address, _ = await search(kim, words="my chest", number="0142", ended="escalated")
        assert not re.search(r"chest|0142", address)
        assert "ended=escalated" in address
        passed_on = (await lee.get(address)).text
    assert shown(passed_on) == ["CA-danger"]
    assert 'value="my chest"' in passed_on
    assert "Words: my chest" in words(passed_on)


async def test_what_was_searched_for_rests_encrypted_and_stands_in_the_trail(
    app: FastAPI, storage: Storage
) -> None:
    async with browser(app) as kim:
        address, _ = await search(kim, words="my chest")
    search_id = address.partition("search=")[2]
    assert trail(storage)[-3:] == [
        ("kim", "search", f"calls/search/{search_id}"),
        ("kim", "view", "calls"),
        ("kim", "view", f"calls/search/{search_id}"),
    ]
    asked = storage.read_now(lambda s: s.exec(select(AuditEntry).where(AuditEntry.action == "search")).one())
    assert asked.why == "Words: my chest"
    assert storage.read_now(lambda s: s.exec(select(CallSearch)).one()).who == "kim"


async def test_a_search_that_is_not_kept_shows_no_call(app: FastAPI) -> None:
    async with browser(app) as kim:
        answer = await kim.get("/calls?search=nobody-knows")
    assert (answer.status_code, shown(answer.text)) == (422, [])
    assert "no longer kept" in answer.text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"words": "yes, please"}, "Nearly every call has these words"),
        ({"words": "a1 b2 c3 d4 e5 f6 g7 h8 i9 j10 k11"}, "At most 10 words"),
        ({"number": "12"}, "neither a telephone number"),
        ({"first": "tomorrow"}, "The first day is not a date."),
        ({"last": "9999-12-31"}, "The last day is not a date."),
        ({"first": "2026-03-09", "last": "2026-03-01"}, "The last day is before the first."),
        ({"intent": "world_peace"}, "There is no such wish."),
        ({"ended": "badly"}, "No call ends in that way."),
        ({"flag": "RF"}, "There is no such danger sign."),
    ],
)
async def test_what_cannot_be_asked_is_said_and_what_was_typed_stays(
    app: FastAPI, asked: dict[str, str], sentence: str
) -> None:
    async with browser(app) as kim:
        answer = await kim.post("/calls/search", data={"words": "<i>chest", **asked})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert shown(answer.text) == []
    assert ("&lt;i&gt;chest" in answer.text) is ("words" not in asked)


@pytest.mark.parametrize(
    "query", ["patient=pat-7", "older=x", "newer=1", "older=999999999999999999-CA1", "ended=nicely"]
)
async def test_an_address_that_nobody_made_shows_no_call(app: FastAPI, query: str) -> None:
    async with browser(app) as kim:
        answer = await kim.get(f"/calls?{query}")
    assert (answer.status_code, shown(answer.text)) == (422, [])


async def test_a_patients_calls_by_a_link_that_does_not_tell_who(app: FastAPI, storage: Storage) -> None:
    blind = storage.read_now(lambda _s: records.patient_blind("pat-7"))
    html = await page(app, f"/calls?patient={blind}")
    assert shown(html) == ["CA-refill"]
    assert trail(storage)[-1] == ("kim", "view", "patient/pat-7")
    nobody = storage.read_now(lambda _s: records.patient_blind("pat-8"))
    assert shown(await page(app, f"/calls?patient={nobody}")) == []


def many(session: Session) -> None:
    for n in range(120):
        call_id = f"CA-old-{n:03}"
        records.open_call(session, call_id, caller_number="", called_number="", at=sample.ago(1_000 + n // 2))
        turn = TurnRecord(1, sample.ago(1_000), "the plumber was here", "I see.")
        records.save_turn(session, call_id, turn, {})
        records.close_call(session, call_id, sample.ago(900), CallEnding(Disposition.COMPLETED))


def link(html: str, title: str) -> str:
    found = re.search(rf'<a href="([^"]+)"[^>]*>{title}</a>', html)
    return found[1].replace("&amp;", "&") if found else ""


@pytest.mark.parametrize("asked", [{}, {"words": "plumber"}])
async def test_pages_lead_down_and_up_through_every_call_once(
    app: FastAPI, storage: Storage, asked: dict[str, str]
) -> None:
    storage.write_now(many)
    async with browser(app) as kim:
        _, first = await search(kim, **asked)
        second = (await kim.get(link(first, "Older calls"))).text
        third = (await kim.get(link(second, "Older calls"))).text
        back = (await kim.get(link(second, "Newer calls"))).text
    assert link(first, "Newer calls") == link(third, "Older calls") == ""
    seen = shown(first) + shown(second) + shown(third)
    assert len(seen) == len(set(seen)) == (124 if not asked else 120)
    assert shown(back) == shown(first)
    assert ("120 calls" in words(first)) is bool(asked)


async def test_a_line_tells_where_the_words_are_and_who_has_reviewed(app: FastAPI, storage: Storage) -> None:
    storage.write_now(lambda s: records.mark_reviewed(s, "CA-refill", "lee", sample.NOW))
    storage.write_now(lambda s: records.mark_for_teaching(s, "CA-refill", "lee", sample.NOW))
    async with browser(app) as kim:
        _, html = await search(kim, words="main street")
    assert 'href="/calls/CA-refill#turn-2"' in html
    text = words(html)
    for told in ("turn 2: “ Main Street ”", "low confidence", "for teaching", "lee", "1 call "):
        assert told in text, told


async def test_calls_of_before_are_said_to_be_missing(app: FastAPI, storage: Storage) -> None:
    from sqlalchemy import text

    storage.write_now(lambda s: s.connection().execute(text("UPDATE call SET keyed = 0")))
    async with browser(app) as kim:
        _, html = await search(kim, words="chest")
    assert "4 calls of before cannot be found yet" in html


async def test_what_callers_say_is_no_markup_in_an_excerpt(app: FastAPI) -> None:
    async with browser(app) as kim:
        _, html = await search(kim, words="doctor chen")
    assert "<b>" not in html
    assert "&lt;b&gt;Doctor&lt;/b&gt;" in html


def test_every_wish_has_its_words_and_every_flag_its_place() -> None:
    assert set(SEARCHED) == set(Intent) - ANSWERS
    assert (RED_FLAGS[0], RED_FLAGS[-1]) == ("RF01", "RF26")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("617-555-0123", "+16175550123"),
        ("+44 20 7946 0123", "+442079460123"),
        ("0123", "0123"),
        ("… 0123", "0123"),
        ("chest", ""),
        ("", ""),
    ],
)
def test_numbers_as_people_type_them(typed: str, read: str) -> None:
    assert read_number(typed) == read


def test_an_address_leads_to_the_newest_page_of_what_it_asks() -> None:
    ask = CallAsk(ended="completed", older="1-CA1", search="abc")
    assert urlsplit(ask.address()).query == "ended=completed&search=abc"
    assert CallAsk().address() == "/calls"
    assert not Personal()
    assert Personal(words="x")
