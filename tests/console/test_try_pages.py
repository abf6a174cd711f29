"""The page Try it as its markup goes; the calls behind it are tests/calls/test_browser_telephone.py."""

from __future__ import annotations

from datetime import date

import pytest
from fastapi import FastAPI
from starlette.websockets import WebSocket

from console import Ports, add_pages, build_router
from console.telephone import DemoCaller, Rung
from models import records
from models.domain import ActionFailed, TransferCall, TurnRecord
from models.storage import Storage
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail
from tests.console.test_markup import Outline

TRY = "CA-try"


class AtRest:
    """A telephone that nobody answers."""

    callers = (
        DemoCaller("+16175550123", "Maria <b>Lopez</b>", date(1981, 3, 5), "02111", ("lisinopril",)),
        DemoCaller("", "Tim Brooks", date(2018, 2, 1), ""),
    )

    def ready(self) -> bool:
        return True

    async def ring(self, number: str, session: str) -> Rung:
        return Rung(TRY, "token", "MZ1")

    async def media(self, socket: WebSocket, call_id: str, token: str, session: str) -> None:
        raise AssertionError


@pytest.fixture
def demo(storage: Storage) -> FastAPI:
    """The console of a demo practice, with a try that has just begun."""
    open_try = {"caller_number": "", "called_number": "", "at": sample.NOW, "line": records.TRY_LINE}
    storage.write_now(lambda session: records.open_call(session, TRY, **open_try))  # type: ignore[arg-type]
    app = FastAPI()
    ports = Ports(telephone=AtRest())
    add_pages(app, build_router(storage, lambda: sample.NOW, ports=ports, second_factor=False))
    return app


@pytest.mark.parametrize("path", ["/try", f"/try/{TRY}"])
async def test_the_pages_have_their_landmarks_and_nothing_inline(demo: FastAPI, path: str) -> None:
    outline = Outline(await page(demo, path))
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.tags.count("h1") == 1
    assert outline.tags.count("table") == outline.tags.count("caption")


async def test_who_one_may_call_as_is_shown_with_what_firstring_asks_for(demo: FastAPI) -> None:
    html = await page(demo, "/try")
    assert '<option value="+16175550123">Maria &lt;b&gt;Lopez&lt;/b&gt;, born March 5, 1981</option>' in html
    assert "lisinopril" in html
    assert html.count("<option") == 2, "who has no telephone is called for by others; and the withheld number"
    assert "Tim Brooks" in html


async def test_every_file_of_the_telephone_is_served(demo: FastAPI) -> None:
    async with browser(demo) as staff:
        for name in ("phone.js", "phone_sound.js", "phone.css"):
            assert (await staff.get(f"/static/console/{name}")).status_code == 200


async def test_a_try_is_written_down_before_its_token_is_given(demo: FastAPI, storage: Storage) -> None:
    async with browser(demo) as staff:
        answer = await staff.post("/try/calls", data={"number": "+16175550123"})
        assert answer.json() == {"call_id": TRY, "stream_sid": "MZ1", "socket": f"/try/{TRY}/token"}
        assert trail(storage)[-1] == ("kim", "try call", f"call/{TRY}")
        staff.form_token = "another"
        assert (await staff.post("/try/calls")).status_code == 403


async def test_a_transfer_without_a_carrier_is_told_in_words(demo: FastAPI, storage: Storage) -> None:
    turn = TurnRecord(1, sample.NOW, "a person please", "Nobody is there.")
    order, failed = TransferCall("a1", "asked"), ActionFailed("transfer-refused")
    storage.write_now(lambda session: records.save_turn(session, TRY, turn, {}))
    storage.write_now(lambda session: records.save_done(session, TRY, 1, order, failed))
    html = await page(demo, f"/try/{TRY}")
    assert "a browser has no line to a person" in html
    assert "transfer-refused" not in html
