"""The list of calls and its search form: what is personal comes by POST and is kept, never in an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Annotated

from fastapi import Depends, Form, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import wording
from console.call_ask import ANY_FLAG, SEARCHED, CallAsk, Personal
from console.call_list import CallList, read_list
from console.desk import Desk, SignedIn
from console.users import Staff
from models.call_search import keep_search, kept_search

NOT_KEPT = "What this address searched for is no longer kept. Please search again."
RED_FLAGS = tuple(f"RF{number:02}" for number in range(1, 27))  # domain rules section 5.3
Short = Annotated[str, StringConstraints(max_length=80)]
Asked = Annotated[CallAsk, Depends()]


class SearchForm(BaseModel):
    """The form's fields; those that are not personal make the address."""

    number: str = Field("", max_length=30)
    words: str = Field("", max_length=200)
    first: Short = ""
    last: Short = ""
    intent: Short = ""
    ended: Short = ""
    flag: Short = ""
    unsure: Short = ""
    unreviewed: Short = ""
    teaching: Short = ""
    patient: Short = ""

    def personal(self) -> Personal:
        return Personal(self.number.strip(), " ".join(self.words.split()))

    def ask(self, search: str = "") -> CallAsk:
        return CallAsk(**self.model_dump(exclude={"number", "words"}), search=search)


class CallListPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /calls": self.calls, "POST /calls/search": self.search}

    async def calls(self, request: Request, staff: SignedIn, ask: Asked) -> Response:
        personal = await self._personal(ask)
        problem = NOT_KEPT if personal is None else ask.problem()
        if problem:
            return self._page(staff, ask, personal or Personal(), CallList(), problem)
        if ask.search:
            await self._desk.trail.viewed(request, staff, f"calls/search/{ask.search}")
        now, zone = self._desk.clock(), self._desk.zone
        read = partial(read_list, ask=ask, personal=personal or Personal(), now=now, zone=zone)
        found = await self._desk.storage.read(read)
        if found.patient_id:
            await self._desk.trail.viewed(request, staff, f"patient/{found.patient_id}")
        return self._page(staff, ask, personal or Personal(), found)

    async def search(self, staff: SignedIn, form: Annotated[SearchForm, Form()]) -> Response:
        ask, personal = form.ask(), form.personal()
        problem = ask.problem() or personal.problem()
        if problem:
            return self._page(staff, ask, personal, CallList(), problem)
        if not personal:
            await self._desk.trail.did(staff, "search", "calls")
            return RedirectResponse(ask.address(), 303)
        search_id = await self._keep(staff, personal)
        return RedirectResponse(form.ask(search_id).address(), 303)

    async def _keep(self, staff: Staff, personal: Personal) -> str:
        now, body = self._desk.clock(), asdict(personal)
        search_id = await self._desk.storage.write(partial(keep_search, body=body, who=staff.name, at=now))
        why = "; ".join(f"{name}: {value}" for name, value in personal.told() if value)
        await self._desk.trail.did(staff, "search", f"calls/search/{search_id}", why)
        return search_id

    async def _personal(self, ask: CallAsk) -> Personal | None:
        """None where the address names a search that is not kept."""
        if not ask.search:
            return Personal()

        def kept(session: Session) -> Personal | None:
            body = kept_search(session, ask.search)
            return Personal(**body) if body else None

        return await self._desk.storage.read(kept)

    def _page(
        self, staff: Staff, ask: CallAsk, personal: Personal, found: CallList, problem: str = ""
    ) -> Response:
        told = [(name, value) for name, value in (*personal.told(), *ask.told()) if value]
        return self._desk.render(
            "calls.html",
            staff,
            422 if problem else 200,
            ask=ask,
            personal=personal,
            found=found,
            problem=problem,
            told=told,
            live=not (ask.older or ask.newer or problem),
            wishes=sorted(SEARCHED.items(), key=lambda wish: wish[1]),
            endings=wording.HOW_IT_ENDED.items(),
            flags=((ANY_FLAG, "any"), *((flag, flag) for flag in RED_FLAGS)),
        )
