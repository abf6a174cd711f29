"""Staff sign, amend and retract a call's note, and correct what the caller said."""

from __future__ import annotations

from datetime import datetime

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from console import Ports, add_pages, build_router
from models.corrections import words_corrected
from models.errors import FirstringError
from models.storage import Storage
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail, words

CALL = "CA-refill"


class Refused(FirstringError):
    code = "refused"
    fix = "Write it by hand."


class Desk:
    """Keeps what was asked of it."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, str, str]] = []
        self.refuses = False

    def page(self, session: Session, call_id: str) -> bytes:
        if self.refuses:
            raise Refused("the note is not in the chart")
        return b"%PDF-" + call_id.encode()

    def deed(self, name: str) -> object:
        def work(session: Session, call_id: str, who: str, at: datetime, words: str) -> None:
            if self.refuses:
                raise Refused("the note is not in the chart")
            self.done.append((name, call_id, who, words))

        return work


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def app(storage: Storage, desk: Desk) -> FastAPI:
    deeds = {name: desk.deed(name) for name in ("sign", "amend", "retract")}
    app = FastAPI()
    router = build_router(
        storage,
        lambda: sample.NOW,
        ports=Ports(note_deeds=deeds, note_page=desk.page),  # type: ignore[arg-type]
        second_factor=False,
    )
    add_pages(app, router)
    return app


async def test_a_note_is_signed_amended_and_retracted_by_who_is_signed_in(
    app: FastAPI, storage: Storage, desk: Desk
) -> None:
    async with browser(app) as kim:
        for deed, said in (("sign", ""), ("amend", "She asked for 20 mg."), ("retract", "Not her call.")):
            answer = await kim.post(f"/calls/{CALL}/note/{deed}", data={"words": said})
            assert answer.status_code == 303
    assert desk.done == [
        ("sign", CALL, "kim", ""),
        ("amend", CALL, "kim", "She asked for 20 mg."),
        ("retract", CALL, "kim", "Not her call."),
    ]
    assert ("kim", "note sign", f"call/{CALL}") in trail(storage)


async def test_what_cannot_be_is_said_and_not_written_down(
    app: FastAPI, storage: Storage, desk: Desk
) -> None:
    desk.refuses = True
    async with browser(app) as kim:
        answer = await kim.post(f"/calls/{CALL}/note/sign", data={"words": ""})
        assert answer.status_code == 409
        assert "the note is not in the chart. Write it by hand." in words(answer.text)
        assert (await kim.post(f"/calls/{CALL}/note/amend", data={"words": " "})).status_code == 422
        assert (await kim.post(f"/calls/{CALL}/note/burn", data={"words": "x"})).status_code == 404
    assert not [entry for entry in trail(storage) if entry[1].startswith("note")]


async def test_corrected_words_are_shown_kept_and_amend_the_note(
    app: FastAPI, storage: Storage, desk: Desk
) -> None:
    async with browser(app) as kim:
        answer = await kim.post(f"/calls/{CALL}/turns/1/words", data={"words": "I need my  losartan"})
        assert answer.status_code == 303
        assert (await kim.post(f"/calls/{CALL}/turns/99/words", data={"words": "x"})).status_code == 404
        assert (await kim.post(f"/calls/{CALL}/turns/1/words", data={"words": ""})).status_code == 422
    assert storage.read_now(lambda session: words_corrected(session, CALL)) == {1: "I need my losartan"}
    assert desk.done == [("amend", CALL, "kim", "")]
    assert "Corrected: “I need my losartan”" in words(await page(app, f"/calls/{CALL}"))


async def test_a_correction_stays_where_no_note_can_follow_it(
    app: FastAPI, storage: Storage, desk: Desk
) -> None:
    desk.refuses = True
    async with browser(app) as kim:
        assert (await kim.post(f"/calls/{CALL}/turns/1/words", data={"words": "yes"})).status_code == 303
    assert storage.read_now(lambda session: words_corrected(session, CALL)) == {1: "yes"}


async def test_the_page_for_paper_is_shown_and_its_view_written_down(
    app: FastAPI, storage: Storage, desk: Desk
) -> None:
    async with browser(app) as kim:
        answer = await kim.get(f"/calls/{CALL}/note.pdf")
        assert (answer.status_code, answer.content) == (200, b"%PDF-CA-refill")
        assert answer.headers["content-type"] == "application/pdf"
        assert ("kim", "view", f"call/{CALL}/note") in trail(storage)
        desk.refuses = True
        assert (await kim.get(f"/calls/{CALL}/note.pdf")).status_code == 404
