"""Callers without end: so many lines, each of which calls again when its call is over, until told to stop.

A program of its own, so that it can be put on a core of its own. One order as JSON on stdin; it says "ready"
once all lines have called, ends when stdin is closed, and prints what was measured from then on as JSON.
Whom the webhook sends elsewhere calls again after a while, as people do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import IO, Any

import httpx
import numpy as np
import psutil

from benchmarks.turn_calls import CALLED_NUMBER, ROOT, Script, Webhook
from benchmarks.turn_line import Answered, Stream, TurnCaller
from telephony.double.carrier import Account, Leg
from telephony.double.errors import DoubleError
from telephony.double.sound import FRAME_BYTES, to_mulaw
from telephony.double.verbs import parse

REDIAL_S = 1.0  # after a call
REDIAL_REFUSED_S = 3.0
STAGGER_S = 0.35  # between two lines' first calls
FAILED = "failed"
IDLE_NOISE_RMS = 16.0  # about -66 dBFS: telephone lines hiss, and a listener may rest on one that is silent


@dataclass(slots=True)
class Placed:
    """One call: what the webhook said and how soon, and what came of the turns that count."""

    answer: str  # "stream", "dial", or "failed"
    answer_ms: float
    turns: list[Answered] = field(default_factory=list)
    greeting_ms: float | None = None


@dataclass(slots=True)
class Lines:
    """What all lines came to since they were counted."""

    calls: list[Placed]
    length_s: float
    frames: int = 0
    frames_late: int = 0
    client_cpu_s: float = 0.0

    @property
    def replies_ms(self) -> list[float]:
        fair = [turn for call in self.calls for turn in call.turns if not turn.early]
        return [turn.reply_ms for turn in fair if turn.reply_ms is not None]

    @property
    def missing(self) -> int:
        return sum(turn.reply_ms is None and not turn.early for call in self.calls for turn in call.turns)

    @property
    def early(self) -> int:
        return sum(turn.early for call in self.calls for turn in call.turns)

    @property
    def refused_ms(self) -> list[float]:
        """How long those waited for their answer who were sent elsewhere."""
        return [call.answer_ms for call in self.calls if call.answer == "dial"]

    @property
    def failed(self) -> int:
        return sum(call.answer == FAILED for call in self.calls)

    @property
    def late_share(self) -> float:
        """Of frames, those sent late by the callers' own program."""
        return self.frames_late / self.frames if self.frames else 0.0


class Crowd:
    def __init__(
        self, door: Webhook, scripts: Sequence[Script], lines: int, seed: int, hesitation_ms: float
    ) -> None:
        self._door, self._scripts, self._lines = door, scripts, lines
        self._seed, self._hesitation_ms = seed, hesitation_ms
        self._placed: list[tuple[Placed, TurnCaller | None, int]] = []
        self._on_the_line: dict[int, tuple[Placed, TurnCaller]] = {}
        self._began_s = time.monotonic()
        self._frames_before: dict[int, tuple[int, int]] = {}
        self._frames = self._frames_late = 0

    async def run(self, stop: asyncio.Event, ready: IO[str]) -> Lines:
        tasks = [asyncio.create_task(self._line(number)) for number in range(self._lines)]
        await asyncio.sleep(self._lines * STAGGER_S + 1.0)
        self._count_from_now()
        print("ready", file=ready, flush=True)
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return self._counted()

    def _count_from_now(self) -> None:
        """What was said until now was said to a server with fewer calls."""
        self._began_s = time.monotonic()
        self._placed = [(placed, caller, len(caller.called.turns)) for placed, caller in
                        self._on_the_line.values()]  # fmt: skip
        self._frames = -sum(caller.called.frames for _, caller in self._on_the_line.values())
        self._frames_late = -sum(caller.called.frames_late for _, caller in self._on_the_line.values())

    def _counted(self) -> Lines:
        length_s = time.monotonic() - self._began_s
        for placed, caller, skipped in self._placed:
            if caller is not None:
                placed.turns = caller.called.turns[skipped:]
                placed.greeting_ms = caller.called.greeting_ms
        for placed, _ in self._on_the_line.values():  # a call cut off by us has no answer to its last turn
            if placed.turns and placed.turns[-1].reply_ms is None:
                placed.turns = placed.turns[:-1]
        callers = [caller.called for _, caller, _ in self._placed if caller is not None]
        self._frames += sum(each.frames for each in callers)
        self._frames_late += sum(each.frames_late for each in callers)
        calls = [placed for placed, _, _ in self._placed]
        return Lines(calls, length_s, self._frames, self._frames_late)

    async def _line(self, number: int) -> None:
        await asyncio.sleep(number * STAGGER_S)
        again = 0
        while True:
            script = self._scripts[(number + again) % len(self._scripts)]
            placed, stream = await ask(self._door, script)
            again += 1
            if stream is None:
                self._placed.append((placed, None, 0))
                await asyncio.sleep(REDIAL_REFUSED_S)
                continue
            caller = TurnCaller(stream, script.played(), self._seed + number * 1_000 + again,
                                self._hesitation_ms, idle_noise())  # fmt: skip
            self._placed.append((placed, caller, 0))
            self._on_the_line[number] = placed, caller
            await caller.run()
            del self._on_the_line[number]
            await asyncio.sleep(REDIAL_S)


@cache
def idle_noise() -> tuple[bytes, ...]:
    """A second of a line on which nobody speaks."""
    noise = np.random.default_rng(1).normal(0.0, IDLE_NOISE_RMS, 50 * FRAME_BYTES).astype(np.int16)
    return tuple(to_mulaw(frame) for frame in noise.reshape(-1, FRAME_BYTES))


async def ask(door: Webhook, script: Script) -> tuple[Placed, Stream | None]:
    """The webhook's answer to a call, as the carrier reads it, and how soon it came."""
    account = Account(door.base_url, door.public_url, door.account_sid, door.auth_token)
    leg = Leg("CA" + secrets.token_hex(16), door.account_sid, script.number, CALLED_NUMBER)
    url, form = account.url("/twilio/voice"), leg.form("ringing")
    headers = {"X-Twilio-Signature": account.sign(url, form)}
    asked_s = time.monotonic()
    try:
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=15.0) as client:
            answer = await client.post(account.real(url), data=form, headers=headers)
        took_ms = (time.monotonic() - asked_s) * 1_000
        verbs = {verb.name: verb for verb in parse(answer.text)}
    except (httpx.HTTPError, DoubleError):
        return Placed(FAILED, (time.monotonic() - asked_s) * 1_000), None
    stream = verbs["Connect"].noun("Stream") if "Connect" in verbs else None
    if stream is None:
        return Placed("dial" if "Dial" in verbs else FAILED, took_ms), None
    wss = stream.attributes["url"]
    signed = {"X-Twilio-Signature": account.sign(wss, {})}
    return Placed("stream", took_ms), Stream(account.real(wss), {}, signed, leg.call_sid, leg.account_sid)


class Calling:
    """The crowd's program as seen from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def finish(self) -> Lines:
        out, _ = self._process.communicate()
        found = json.loads(out)
        calls = [
            Placed(**{**call, "turns": [Answered(**turn) for turn in call["turns"]]})
            for call in found.pop("calls")
        ]
        return Lines(calls, **found)


@contextlib.contextmanager
def crowd(
    door: Webhook, scripts: Sequence[Script], lines: int, *, seed: int = 0, hesitation_ms: float = 400.0
) -> Iterator[Calling]:
    """So many lines that call again and again, from when all of them have called."""
    order: dict[str, Any] = {
        "door": asdict(door), "scripts": [asdict(script) for script in scripts], "lines": lines,
        "seed": seed, "hesitation_ms": hesitation_ms,
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.load_calls"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != "ready":
            raise SystemExit("the callers' program did not start")
        yield Calling(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def work(order: dict[str, Any]) -> Lines:
    scripts = [
        Script(each["number"], tuple((clip, kind) for clip, kind in each["turns"]), each["over_ms"])
        for each in order["scripts"]
    ]
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), stop.set)
    door = Webhook(**order["door"])
    found = await Crowd(door, scripts, order["lines"], order["seed"], order["hesitation_ms"]).run(
        stop, sys.stdout
    )
    loop.remove_reader(sys.stdin.fileno())
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = asyncio.run(work(json.loads(sys.stdin.readline())))
    spent = psutil.Process().cpu_times()
    found.client_cpu_s = spent.user + spent.system
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
