"""Carriers repeat requests, and so may others: a repeat gets the first answer, and does nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

REMEMBERED = 500  # answers, the oldest forgotten first: a busy process' minutes; carriers repeat in seconds

IDEMPOTENCY_HEADER = "i-twilio-idempotency-token"


class Replays:
    """Answers by key. Repeats that come while the first is worked on wait for its answer."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._answers: OrderedDict[str, asyncio.Task[str] | str] = OrderedDict()

    async def once(self, key: str, work: Callable[[], Awaitable[str]]) -> str:
        """The answer for ``key``, worked out once. A failure is not remembered; ``""`` never repeats."""
        if not key:
            return await work()
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = asyncio.create_task(_run(work))
            answer.add_done_callback(partial(self._worked_out, key))
            self._forget_oldest()
        return answer if isinstance(answer, str) else await asyncio.shield(answer)

    def _worked_out(self, key: str, task: asyncio.Task[str]) -> None:
        """Of a task only its answer stays: the rest is some kilobytes. What failed may be tried again."""
        failed = task.cancelled() or task.exception()  # once asked for, it is no news for the loop's log
        if self._answers.get(key) is not task:
            return
        if failed:
            del self._answers[key]
        else:
            self._answers[key] = task.result()

    def _forget_oldest(self) -> None:
        while len(self._answers) > self._remembered:
            self._answers.popitem(last=False)


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
