"""What staff change in the console, and what the next caller hears."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.local_server import DEMO_NOW, demo_settings
from agent.practice_settings import PracticeDesk
from agent.services import open_local
from agent.settings import with_secrets
from models.domain import FindOpenings
from models.tables import Setting
from tests.console.test_markup import Outline
from tests.conversations.conftest import MARIA, STRANGER, Line
from tests.conversations.settings_console import console_of

PARKING = "where can I park"


async def test_the_next_call_hears_a_changed_answer_and_a_running_one_keeps_its_own(line: Line) -> None:
    running = await line.call(STRANGER)
    async with console_of(line.services) as console:
        saved = await console.changes("office", office_info__0__answer="You can park at the harbor for free.")
        assert saved.status_code == 303, saved.text
    assert "free lot behind the building" in await running.says(PARKING)
    call = await line.call(STRANGER)
    assert "You can park at the harbor for free." in await call.says(PARKING)


async def test_a_closed_day_counts_at_once_and_offers_no_openings(line: Line) -> None:
    running = await line.call(STRANGER)
    assert "We're open today" in await running.says("are you open today")
    wish = FindOpenings("CAx", "follow-up", from_date=line.services.clock().date(), limit=3)
    today = line.services.clock().astimezone(line.services.practice.zone).date()
    before = await line.services.backends.scheduling.find(replace(wish, from_date=today, to_date=today))
    assert before.openings
    async with console_of(line.services) as console:
        fields = {"closures__3__date": today.isoformat(), "closures__3__reason": "a staff day"}
        assert (await console.changes("hours", **fields)).status_code == 303
    assert "We're closed today, for a staff day." in await running.says("are you open today")
    call = await line.call(STRANGER)
    assert "We're closed today, for a staff day." in await call.says("are you open today")
    assert not (await line.services.practice_facts()).staff_available
    after = await line.services.backends.scheduling.find(replace(wish, from_date=today, to_date=today))
    assert not after.openings


async def test_another_process_on_the_same_database_hears_it_without_a_restart(line: Line) -> None:
    folder = line.services.settings.data_dir
    async with open_local(with_secrets(demo_settings(folder, now=DEMO_NOW))) as other:
        async with console_of(line.services) as console:
            await console.changes("office", practice__address="14 Pier Road, Boston, Massachusetts 02110")
        assert "12 Harbor Street" in other.practice.address
        call = await Line(other).call(STRANGER, call_id="CAother")
        assert "14 Pier Road" in await call.says("what is your address")


@pytest.mark.parametrize(
    "phrases", [{"RF99": ["cannot catch wind"]}, {"RF01": ["{of_another_version} wind"]}]
)
async def test_a_stored_phrase_that_cannot_be_screened_with_leaves_every_other_danger_found(
    line: Line, phrases: dict[str, list[str]]
) -> None:
    row = Setting(
        key="wording", version=1, body={"danger_phrases": phrases}, at=line.services.clock(), who="ada"
    )
    await line.services.storage.write(lambda session: session.add(row))
    call = await line.call(STRANGER)
    assert "911" in await call.says("I have crushing chest pain and I can't breathe")
    assert [each.key for each in line.services.book.unreadable] == ["wording"]


@pytest.mark.parametrize("body", [{"lines": [1]}, {"practice": "x", "danger_phrases": ["x"]}, []])
async def test_a_stored_section_of_another_shape_opens_and_can_be_saved_again(line: Line, body: Any) -> None:
    row = Setting(key="wording", version=1, body=body, at=line.services.clock(), who="ada")
    await line.services.storage.write(lambda session: session.add(row))
    await line.services.refresh_practice()
    async with console_of(line.services) as console:
        for path in ("/settings", "/settings/wording", "/settings/wording/versions"):
            assert (await console.client.get(path)).status_code == 200, path
        again = await console.client.post("/settings/wording/file", data={"based_on": "1"})
        assert again.status_code == 303, again.text
    assert line.services.book.unreadable == ()


async def test_a_bad_hour_stays_in_the_form_with_what_is_needed_and_nothing_is_saved(line: Line) -> None:
    async with console_of(line.services) as console:
        refused = await console.changes("hours", hours__monday__1__from="11:00", hours__friday__0__to="")
        assert refused.status_code == 422
        assert "Times must rise and not overlap." in refused.text
        assert "are needed." in refused.text
        assert 'href="#hours.monday"' in refused.text
        assert 'name="hours.monday.1.from" value="11:00"' in refused.text
        assert await console.versions("hours") == []
        assert await console.audited() == []


@pytest.mark.parametrize(
    ("answer", "objection"),
    [
        ("You should take your pills before you park.", "gives advice"),
        ("Our nurses are board certified.", "claims a licence"),
        ("Your parking is booked.", "something is done"),
    ],
)
async def test_a_sentence_that_breaks_the_wording_rules_is_not_taken(
    line: Line, answer: str, objection: str
) -> None:
    async with console_of(line.services) as console:
        refused = await console.changes("office", office_info__0__answer=answer)
        assert refused.status_code == 422
        assert "The wording rules object" in refused.text
        assert objection in refused.text
        assert answer in refused.text
        assert await console.versions("office") == []


@pytest.mark.parametrize(
    ("greeting", "taken"),
    [
        ("This call is not recorded.", False),
        ("We never record any calls.", False),
        ("You're talking to a real person.", False),
        ("I'm a human.", False),
        ("I'm Ada, not a robot.", False),
        ("Say so to speak with a person at the desk.", True),
        ("Bring your paper records.", True),
    ],
)
async def test_no_greeting_takes_back_what_every_caller_must_be_told(
    line: Line, greeting: str, taken: bool
) -> None:
    desk = PracticeDesk(line.services)
    name = line.services.practice.lines[0].name
    body = {**desk.of_file("wording"), "lines": [{"name": name, "greeting": greeting}]}
    faults = [fault.sentence for fault in await desk.faults("wording", body)]
    assert any("takes back what callers must be told" in fault for fault in faults) is not taken
    assert (faults == []) is taken


async def test_of_two_who_save_together_the_second_is_told_and_loses_nothing(line: Line) -> None:
    async with console_of(line.services) as ada, console_of(line.services, "bob") as bob:
        first, second = await ada.opens("office"), await bob.opens("office")
        first["office_info.0.answer"] = ["There is a lot on Main Street."]
        second["practice.address"] = ["14 Pier Road, Boston"]
        assert (await ada.sends("office", first)).status_code == 303
        told = await bob.sends("office", second)
        assert told.status_code == 409
        assert "ada" in told.text
        assert "There is a lot on Main Street." in told.text
        assert 'value="14 Pier Road, Boston"' in told.text
        assert [row.who for row in await ada.versions("office")] == ["practice.toml", "ada"]
        again = second | {"based_on": ["2"]}
        assert (await bob.sends("office", again)).status_code == 303
        assert [row.who for row in await ada.versions("office")] == ["practice.toml", "ada", "bob"]


async def test_a_double_click_and_a_save_without_a_change_make_no_version(line: Line) -> None:
    async with console_of(line.services) as console:
        form = await console.opens("office")
        assert (await console.sends("office", form)).status_code == 303
        assert await console.versions("office") == []
        form["practice.address"] = ["14 Pier Road, Boston"]
        assert [(await console.sends("office", form)).status_code for _ in range(2)] == [303, 303]
        assert len(await console.versions("office")) == 2


async def test_going_back_is_a_new_version_and_everything_stands_in_the_audit_trail(line: Line) -> None:
    async with console_of(line.services) as console:
        await console.changes("office", office_info__0__answer="There is a lot on Main Street.")
        page = (await console.client.get("/settings/office/versions")).text
        assert "There is a free lot behind the building, on Pier Road." in page
        assert "There is a lot on Main Street." in page
        stale = await console.client.post("/settings/office/versions/1", data={"based_on": "1"})
        assert stale.status_code == 409
        back = await console.client.post("/settings/office/versions/1", data={"based_on": "2"})
        assert back.status_code == 303
        first, _, third = await console.versions("office")
        assert third.body == first.body
        assert await console.audited() == [
            ("ada", "settings changed", "settings/office", "version 2"),
            ("ada", "settings changed", "settings/office", "version 3, as version 1"),
        ]
    call = await line.call(MARIA)
    assert "free lot behind the building" in await call.says(PARKING)


async def test_rows_are_added_and_removed(line: Line) -> None:
    async with console_of(line.services) as console:
        form = await console.opens("office")
        last = max(int(name.split(".")[1]) for name in form if name.startswith("office_info."))
        form |= {
            "office_info.0.remove": ["on"],
            f"office_info.{last}.topic": ["lockers"],
            f"office_info.{last}.answer": ["There are lockers beside the front desk."],
            f"office_info.{last}.spoken": ["lockers\nkeep my bag"],
        }
        assert (await console.sends("office", form)).status_code == 303
    call = await line.call(STRANGER)
    assert "lockers beside the front desk" in await call.says("are there lockers")
    assert "free lot" not in await call.says(PARKING)


@pytest.mark.parametrize("name", ["hours", "office", "on-call", "providers", "visits", "wording"])
async def test_every_section_opens_and_is_made_as_pages_must_be(line: Line, name: str) -> None:
    async with console_of(line.services) as console:
        form = await console.opens(name)
        saved = await console.sends(name, form)
        assert saved.status_code == 303, saved.text
        assert await console.versions(name) == []  # the demo practice passes its own checks
        for path in (
            f"/settings/{name}",
            f"/settings/{name}/versions",
            "/settings",
            "/protocols",
            "/protocols/phq",
        ):
            page = (await console.client.get(path)).text
            outline = Outline(page)
            assert outline.faults == []
            assert len(outline.ids) == len(set(outline.ids)), path
            assert outline.tags.count("h1") == 1
            assert outline.tags.count("table") == outline.tags.count("caption")


async def test_only_numbers_that_may_be_dialled_are_taken_and_are_dialled_from_then_on(line: Line) -> None:
    from types import SimpleNamespace

    async with console_of(line.services) as console:
        for number, why in (
            ("+18765550100", "charged as a call abroad"),
            ("+19005550100", "cost by the minute"),
            ("+442079460958", "United States or Canada"),
            ("+16175550170", "comes back to Firstring"),
            ("12345", "is needed"),
        ):
            refused = await console.changes("on-call", contacts__1__phone=number)
            assert refused.status_code == 422, number
            assert why in refused.text
        carrier: object = SimpleNamespace(may_call=frozenset())
        line.services.carrier = carrier  # type: ignore[assignment]
        saved = await console.changes("on-call", contacts__1__phone="(617) 555-0188")
        assert saved.status_code == 303, saved.text
        assert "+16175550188" in line.services.carrier.may_call  # type: ignore[union-attr]
        assert "+16175550181" not in line.services.carrier.may_call  # type: ignore[union-attr]
        now = line.services.clock()
        assert [who.phone for who in line.services.practice.on_call_at(now)] == [
            "+16175550182",
            "+16175550188",
        ]


async def test_hours_in_which_nobody_is_on_call_are_named(line: Line) -> None:
    async with console_of(line.services) as console:
        form = await console.opens("on-call")
        form["on_call.0.remove"] = form["on_call.1.remove"] = ["on"]
        assert (await console.sends("on-call", form)).status_code == 303
        assert "Nobody is on call from" in (await console.client.get("/settings/on-call")).text


async def test_a_changed_file_is_told_and_can_be_taken(line: Line) -> None:
    book = line.services.book
    async with console_of(line.services) as console:
        await console.changes("office", practice__address="14 Pier Road, Boston")
        assert "practice.toml says otherwise" not in (await console.client.get("/settings")).text
        document = dict(book.document)
        document["practice"] = {**document["practice"], "address": "1 New Road, Boston"}
        book.document = document
        assert "practice.toml says otherwise" in (await console.client.get("/settings")).text
        page = (await console.client.get("/settings/office")).text
        assert "1 New Road, Boston" in page
        assert line.services.practice.address == "14 Pier Road, Boston"
        taken = await console.client.post("/settings/office/file", data={"based_on": "2"})
        assert taken.status_code == 303
        assert line.services.practice.address == "1 New Road, Boston"
