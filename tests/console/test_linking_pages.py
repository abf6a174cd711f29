"""The pages of unlinked calls: what is shown, who may decide, and what their forms do."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from console import Ports, add_pages, build_router
from models.storage import Storage
from tests.console import sample
from tests.console.browser import browser
from tests.console.test_linking import TWIN, Ehr, audited, unlinked_call
from tests.console.test_markup import Outline
from tests.ehr_writeback.test_linking import THEIRS


async def opened(storage: Storage, *patients: dict[str, Any]) -> tuple[FastAPI, Ehr, str]:
    """A console with one call that no chart of ``patients`` was certain for."""
    ehr, _desk, call_id = await unlinked_call(storage, *patients)
    app = FastAPI()
    add_pages(app, build_router(storage, lambda: sample.NOW, ports=Ports(charts=ehr), second_factor=False))
    return app, ehr, call_id


async def test_from_the_list_to_the_charts_to_the_choice(storage: Storage) -> None:
    app, _ehr, call_id = await opened(storage, THEIRS, TWIN)
    async with browser(app) as kim:
        listed = (await kim.get("/unlinked")).text
        assert f'href="/unlinked/{call_id}"' in listed
        assert "several charts have this name" in listed
        shown = (await kim.get(f"/unlinked/{call_id}")).text
        assert shown.count('name="reference" value="Patient/far-') == 2
        assert "617555" not in shown
        form = {"reference": "Patient/far-2"}
        done = await kim.post(f"/unlinked/{call_id}/link", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/unlinked")
        assert "Every call is in its chart." in (await kim.get("/unlinked")).text
        assert (await kim.post(f"/unlinked/{call_id}/link", data=form)).status_code == 404
    assert audited(storage) == [("kim", "call link", f"call/{call_id}/Patient/far-2")]


async def test_none_of_them(storage: Storage) -> None:
    app, _ehr, call_id = await opened(storage, THEIRS, TWIN)
    async with browser(app) as kim:
        assert (await kim.post(f"/unlinked/{call_id}/none")).status_code == 303
        assert "Every call is in its chart." in (await kim.get("/unlinked")).text
    assert audited(storage) == [("kim", "call leave unlinked", f"call/{call_id}")]


async def test_a_doubtful_chart_wants_its_tick(storage: Storage) -> None:
    app, _ehr, call_id = await opened(storage, {**THEIRS, "active": False})
    async with browser(app) as kim:
        assert "I am sure: this chart is inactive" in (await kim.get(f"/unlinked/{call_id}")).text
        form = {"reference": "Patient/far-1"}
        assert (await kim.post(f"/unlinked/{call_id}/link", data=form)).status_code == 409
        assert (await kim.post(f"/unlinked/{call_id}/link", data={**form, "sure": "yes"})).status_code == 303


async def test_what_is_no_chart_is_refused_in_a_sentence(storage: Storage) -> None:
    app, _ehr, call_id = await opened(storage, THEIRS, TWIN)
    async with browser(app) as kim:
        answer = await kim.post(f"/unlinked/{call_id}/link", data={"reference": "<script>"})
        assert answer.status_code == 422
        assert "<script>&" not in answer.text
        assert "'<script>'" not in answer.text


@pytest.mark.parametrize("role", ["social_worker", "auditor", "admin"])
async def test_who_may_not_see_it_sees_and_asks_nothing(storage: Storage, role: str) -> None:
    app, ehr, call_id = await opened(storage, THEIRS, TWIN)
    async with browser(app, role) as person:
        for path in ("/unlinked", f"/unlinked/{call_id}"):
            assert (await person.get(path)).status_code == 403
        assert (await person.post(f"/unlinked/{call_id}/none")).status_code == 403
    assert (ehr.asked, audited(storage)) == ([], [])


async def test_the_pages_are_made_as_the_others_are(storage: Storage) -> None:
    app, _ehr, call_id = await opened(storage, THEIRS, TWIN, {**THEIRS, "active": False})
    async with browser(app) as kim:
        for path in ("/unlinked", f"/unlinked/{call_id}"):
            outline = Outline((await kim.get(path)).text)
            assert outline.faults == []
            assert len(outline.ids) == len(set(outline.ids))
            assert outline.tags.count("h1") == 1
            assert outline.tags.count("table") == outline.tags.count("caption") == 1


async def test_where_the_chart_is_our_own_no_call_waits(app: FastAPI) -> None:
    async with browser(app) as kim:
        assert "Every call is in its chart." in (await kim.get("/unlinked")).text
        assert (await kim.get("/unlinked/CA-refill")).status_code == 404
