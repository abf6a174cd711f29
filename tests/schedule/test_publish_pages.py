"""Publishing and importing: nothing is done before it was looked at, and nothing of a faulty file."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from backends.embedded import EmbeddedBackends
from tests.console.browser import browser
from tests.console.test_markup import Outline
from tests.schedule.desk import offered
from tests.schedule.test_desk_openings import FRIDAY, SATURDAY
from tests.schedule.test_schedule_pages import audited, field

PLAN = {
    "provider": "dr-chen",
    "opens": "09:00",
    "closes": "12:00",
    "first": f"{FRIDAY}",
    "last": f"{SATURDAY}",
}
GOOD = f"provider,date,from,to\ndr-chen,{FRIDAY},09:00,12:00\n"
FAULTY = f"{GOOD}dr-who,{FRIDAY},09:00,12:00\n"


async def test_openings_are_looked_at_and_then_published_once(
    app: FastAPI, backends: EmbeddedBackends
) -> None:
    async with browser(app) as kim:
        looked = await kim.post("/schedule/publish", data=PLAN)
        assert "Publish 18 openings?" in looked.text
        assert "9 of the new ones lie outside the practice" in looked.text
        assert await offered(backends, FRIDAY) == ()
        form = PLAN | {"step": "do", "form_id": field(looked.text, "form_id")}
        for _click in range(2):
            done = await kim.post("/schedule/publish", data=form)
            assert done.headers["location"] == f"/schedule?day={FRIDAY}&span=week"
        assert len(await offered(backends, FRIDAY)) == 9
        again = await kim.post("/schedule/publish", data=PLAN)
        assert "There is nothing new in it." in again.text
    assert len(audited(backends, "openings publish")) == 1


async def test_kinds_and_weekdays_go_along(app: FastAPI, backends: EmbeddedBackends) -> None:
    form = PLAN | {"weekdays": ["4"], "visit_types": ["lab", "vaccine"]}
    async with browser(app) as kim:
        looked = await kim.post("/schedule/publish", data=form)
        assert "Friday, from Friday, Jan 8, 2027 to Saturday, Jan 9, 2027; lab visit, vaccine" in looked.text
        assert looked.text.count('name="visit_types"') == 2
        await kim.post("/schedule/publish", data=form | {"step": "do", "form_id": "0" * 32})
    assert await offered(backends, FRIDAY) == ()
    assert await offered(backends, SATURDAY) == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"provider": ""}, "choose a provider"),
        ({"opens": ""}, "both times"),
        ({"opens": "13:00"}, "earlier time first"),
        ({"opens": "09:03"}, "five minutes"),
        ({"first": "2026-11-20"}, "from today on"),
        ({"last": "2028-02-01"}, "within 366 days"),
        ({"visit_types": ["massage"]}, "from the list"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_in_a_sentence(
    app: FastAPI, wrong: dict[str, object], words: str
) -> None:
    async with browser(app) as kim:
        answer = await kim.post("/schedule/publish", data=PLAN | wrong)
    assert answer.status_code == 422
    assert words in answer.text


async def upload(kim: object, content: bytes) -> str:
    answer = await kim.post("/schedule/import/file", files={"file": ("week.csv", content)})  # type: ignore[attr-defined]
    return str(answer.text)


async def test_a_good_file_is_looked_at_and_then_imported(app: FastAPI, backends: EmbeddedBackends) -> None:
    async with browser(app) as kim:
        looked = await upload(kim, b"\xef\xbb\xbf" + GOOD.encode())
        assert "Import 1 line?" in looked
        assert await offered(backends, FRIDAY) == ()
        form = {"text": GOOD, "step": "do", "form_id": field(looked, "form_id")}
        for _click in range(2):
            assert (await kim.post("/schedule/import", data=form)).status_code == 303
        assert "There is nothing new in it." in await upload(kim, GOOD.encode()), "the same file again"
    assert len(await offered(backends, FRIDAY)) == 9


async def test_of_a_faulty_file_nothing_is_imported_unless_the_good_lines_are_chosen(
    app: FastAPI, backends: EmbeddedBackends
) -> None:
    async with browser(app) as kim:
        looked = await upload(kim, FAULTY.encode())
        assert re.search(r"Line 3</th><td[^>]*><bdi>“dr-who” is no provider", looked)
        form = {"text": FAULTY, "step": "do", "form_id": field(looked, "form_id")}
        assert (await kim.post("/schedule/import", data=form)).status_code == 422
        assert await offered(backends, FRIDAY) == ()
        done = await kim.post("/schedule/import", data=form | {"good_only": "yes"})
        assert done.status_code == 303
    assert len(await offered(backends, FRIDAY)) == 9


async def test_what_is_no_text_and_what_is_no_file_is_refused(app: FastAPI) -> None:
    async with browser(app) as kim:
        assert "CSV in UTF-8" in await upload(kim, b"\xff\xfe\x00x")
        assert "too long" in await upload(kim, b"x" * 300_001)
        assert (await kim.post("/schedule/import/file")).status_code == 400
        markup = await upload(kim, f"{GOOD}<script>alert(1)</script>,{FRIDAY},09:00,12:00".encode())
    assert "<script>alert" not in markup


async def test_the_pages_are_made_as_the_others_are(app: FastAPI) -> None:
    async with browser(app) as kim:
        shown = [
            (await kim.get(path)).text for path in ("/schedule/publish", "/schedule/import", "/waitlist")
        ]
        shown.append((await kim.post("/schedule/publish", data=PLAN)).text)
        shown.append(await upload(kim, FAULTY.encode()))
    for html in shown:
        outline = Outline(html)
        assert outline.faults == []
        assert len(outline.ids) == len(set(outline.ids))
        assert outline.tags.count("h1") == 1
        assert outline.tags.count("table") == outline.tags.count("caption")
