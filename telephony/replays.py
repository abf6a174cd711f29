"""Carriers repeat requests, and so may others: a repeat gets the first answer, and does nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

REMEMBERED = 500  # answers, the oldest forgotten first: a busy process' minutes; carriers repeat in seconds

IDEMPOTENCY_HEADER = "i-twilio-idempotency-token"


class Replays:
    """Answers by key. Repeats that come while the first is worked on wait for its answer."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._answers: OrderedDict[str, asyncio.Task[str]] = OrderedDict()

    async def once(self, key: str, work: Callable[[], Awaitable[str]]) -> str:
        """The answer for ``key``, worked out once. A failure is not remembered; ``""`` never repeats."""
        if not key:
            return await work()
        task = self._answers.get(key)
        if task is None:
            task = asyncio.create_task(_run(work))
            task.add_done_callback(_noticed)
            self._answers[key] = task
            self._forget_oldest()
        try:
            return await asyncio.shield(task)
        except Exception:
            self._answers.pop(key, None)
            raise

    def _forget_oldest(self) -> None:
        while len(self._answers) > self._remembered:
            self._answers.popitem(last=False)


def _noticed(task: asyncio.Task[str]) -> None:
    """A failure that nobody waits for any more is no news for the event loop's log."""
    if not task.cancelled():
        task.exception()


async def _run(work: Callable[[], Awaitable[str]]) -> str:
    return await work()


def voice_key(form: Mapping[str, str]) -> str:
    """A call arrives once. (Unsigned headers must not make a replay look new.)"""
    return f"voice/{form['CallSid']}"


def resume_key(form: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """A call may be resumed often; only the carrier's own retry token tells a repeat."""
    token = headers.get(IDEMPOTENCY_HEADER, "")
    return f"resume/{form['CallSid']}/{token}" if token else ""


def status_key(form: Mapping[str, str]) -> str:
    return f"status/{form['CallSid']}/{form.get('CallStatus', '')}/{form.get('SequenceNumber', '')}"


def sms_key(form: Mapping[str, str]) -> str:
    return f"sms/{form['MessageSid']}" if form.get("MessageSid") else ""
