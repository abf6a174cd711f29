"""Time in which a provider is not there, and openings that are taken back: looked at first, then done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Literal

from fastapi import Form, HTTPException, Query, Response
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from console.desk import Desk, FormText, RowId, SignedIn
from console.schedule import day_words, effect_view, new_form_id
from console.schedule_desk import ScheduleDesk, or_refused, order_of
from console.users import Staff
from models.schedule import Block

MOST_DAYS = 60


class BlockForm(BaseModel):
    """``step``: "look" shows what would come of it. Without times it is the whole of each day."""

    deed: Literal["block", "withdraw"] = "block"
    provider: str = Field(default="", max_length=64)
    first: str = Field(default="", max_length=10)
    last: str = Field(default="", max_length=10)
    opens: str = Field(default="", max_length=5)
    closes: str = Field(default="", max_length=5)
    reason: str = Field(default="", max_length=200)
    step: Literal["look", "do"] = "look"
    form_id: str = Field(default="", max_length=32)


class BlockPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schedule = ScheduleDesk(desk)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /schedule/block": self.form,
            "POST /schedule/block": self.block,
            "POST /schedule/blocks/{block_id}/end": self.unblock,
        }

    async def form(
        self,
        staff: SignedIn,
        day: Annotated[date | None, Query()] = None,
        provider: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        shown = self._schedule.day(day).isoformat()
        return self._page(staff, BlockForm(provider=provider, first=shown, last=shown))

    async def block(self, staff: SignedIn, form: Annotated[BlockForm, Form()]) -> Response:
        try:
            block = self._read(form)
        except HTTPException as problem:
            return self._page(staff, form, str(problem.detail), problem.status_code)
        if form.step == "look":
            effect = await or_refused(self._schedule.schedule.preview(block))
            await self._desk.trail.did(staff, "view", "schedule")
            return self._desk.render(
                "schedule_block_look.html",
                staff,
                form=form,
                block=block,
                effect=effect_view(effect, self._desk.zone),
                words=self._words(block),
                form_id=new_form_id(),
            )
        order = order_of(staff, form.form_id)
        schedule = self._schedule.schedule
        await or_refused(
            schedule.block(block, order) if form.deed == "block" else schedule.withdraw(block, order)
        )
        return RedirectResponse(f"/schedule?day={block.first}", 303)

    async def unblock(self, staff: SignedIn, block_id: RowId, day: FormText = "") -> Response:
        back = self._schedule.day(day)
        await or_refused(self._schedule.schedule.unblock(block_id, staff.name))
        return RedirectResponse(f"/schedule?day={back}", 303)

    def _read(self, form: BlockForm) -> Block:
        """Raises HTTPException 422 with one sentence."""
        provider = self._schedule.provider(form.provider, needed=True)
        if not form.first:
            raise HTTPException(422, "Please choose the first day.")
        first, last = self._schedule.day(form.first), self._schedule.day(form.last or form.first)
        if first < self._schedule.today:
            raise HTTPException(422, "Please choose a day from today on.")
        if not first <= last or (last - first).days >= MOST_DAYS:
            raise HTTPException(422, f"Please choose a last day within {MOST_DAYS} days of the first.")
        opens, closes = _time(form.opens), _time(form.closes)
        if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
            raise HTTPException(422, "Please give both times, the later one last, or none for the whole day.")
        if form.deed == "block" and not form.reason.strip():
            raise HTTPException(422, "Please say why: it is told to who calls the patients.")
        return Block(provider, first, last, form.reason.strip(), opens, closes)

    def _words(self, block: Block) -> str:
        name = dict(self._schedule.schedule.providers())[block.provider_id]
        days = day_words(block.first)
        if block.last != block.first:
            days += f" to {day_words(block.last)}"
        times = f"{block.opens:%H:%M} to {block.closes:%H:%M}" if block.opens else "all day"
        return f"{name}, {days}, {times}"

    def _page(self, staff: Staff, form: BlockForm, problem: str = "", status: int = 200) -> Response:
        return self._desk.render(
            "schedule_block.html",
            staff,
            status,
            form=form,
            problem=problem,
            providers=self._schedule.schedule.providers(),
            today=self._schedule.today,
        )


def _time(text: str) -> time | None:
    """Raises HTTPException 422."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise HTTPException(422, "Please write times as 13:30.") from None
