"""Several callers at once against one server, in a process of their own, and what they measured.

    figures = measured(Webhook(base_url, public_url, account_sid, auth_token), SCRIPTS, at_once=10)
    figures = measured(Socket("ws://127.0.0.1:8765/ws"), SCRIPTS, at_once=1)

``Webhook`` asks for the stream as the carrier does, signed; ``Socket`` opens a stream at a known address.
Both servers hear the same clips in the same order with the same pauses. What is compared is the time from
the caller's last sound to the first sound of whatever the server answers: recognition, endpointing,
deciding and speech synthesis, none of it judged for sense. The clips are the project's fixtures: wishes,
names, birth dates, choices and plain yes and no; in Firstring's own dialog each one answers the question
that was asked, and a server without a dialog may answer anything. No clip has a pause longer than 270 ms
in it, so that an answer before a clip's end is a cut-off by any standard.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

import httpx
import psutil

from benchmarks.turn_line import Answered, Called, Stream, Turn, TurnCaller
from telephony.double.carrier import Account, Leg
from telephony.double.errors import DoubleError
from telephony.double.verbs import parse

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = ("+16175550123", "+16175550144", "+16175550131")
CALLED_NUMBER = "+16175550100"
STAGGER_S = 0.7  # calls do not all begin in the same moment

REFILL = (
    ("maria-wants-refill", "open"), ("maria-name", "name"), ("maria-dob", "dob"),
    ("maria-no-problems", "yes_no"), ("maria-pharmacy", "choice"), ("maria-yes", "yes_no"),
    ("maria-done", "open"),
)  # fmt: skip
BOOKING = (
    ("james-wants-visit", "open"), ("james-name", "name"), ("james-dob", "dob"), ("james-type", "choice"),
    ("james-when", "open"), ("james-second", "choice"), ("james-correction", "yes_no"),
    ("james-yes", "yes_no"), ("james-done", "open"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """One kind of caller. ``over_ms``: how far into each reply they speak, instead of waiting for its end."""

    number: str
    turns: tuple[tuple[str, str], ...]  # clip of audio_fixtures, kind of answer
    over_ms: float | None = None

    def played(self) -> list[Turn]:
        folder = ROOT / "audio_fixtures"
        return [Turn(folder / f"{clip}.wav", kind, self.over_ms) for clip, kind in self.turns]


SCRIPTS = (Script(NUMBERS[0], REFILL), Script(NUMBERS[1], BOOKING))


@dataclass(frozen=True, slots=True)
class Socket:
    """A server whose media stream stands at a known address; it is told which kinds of answers will come.

    Where each call has a server of its own, ``url`` names them all, separated by spaces.
    """

    url: str
    parameters: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    async def open(self, script: Script, line: int) -> Stream:
        urls = self.url.split()
        kinds = ",".join(kind for _, kind in script.turns)
        return Stream(urls[line % len(urls)], {**self.parameters, "kinds": kinds}, self.headers)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A server that is asked for its stream by a signed webhook, as ours."""

    base_url: str
    public_url: str
    account_sid: str
    auth_token: str

    async def open(self, script: Script, line: int) -> Stream:
        """Raises ``DoubleError`` where the answer names no stream."""
        account = Account(self.base_url, self.public_url, self.account_sid, self.auth_token)
        leg = Leg("CA" + secrets.token_hex(16), self.account_sid, script.number, CALLED_NUMBER)
        url, form = account.url("/twilio/voice"), leg.form("ringing")
        headers = {"X-Twilio-Signature": account.sign(url, form)}
        async with httpx.AsyncClient(trust_env=False, timeout=30.0) as client:
            answer = await client.post(account.real(url), data=form, headers=headers)
        found = [verb.noun("Stream") for verb in parse(answer.text) if verb.name == "Connect"]
        if not found or found[0] is None:
            raise DoubleError(f"no stream in the answer: {answer.status_code} {answer.text[:200]}")
        stream, wss = found[0], found[0].attributes["url"]
        given = [noun.attributes for noun in stream.nouns if noun.name == "Parameter"]
        parameters = {each["name"]: each["value"] for each in given}
        signed = {"X-Twilio-Signature": account.sign(wss, {})}
        return Stream(account.real(wss), parameters, signed, leg.call_sid, self.account_sid)


Door = Socket | Webhook


@dataclass(frozen=True, slots=True)
class Figures:
    """What all calls of one measurement came to."""

    calls: list[Called]
    client_cpu_s: float = 0.0  # this program's own, for it shares the machine with the server

    @property
    def turns(self) -> list[Answered]:
        return [turn for call in self.calls for turn in call.turns]

    def replies_ms(self, kind: str | None = None, *, heard: bool = False) -> list[float]:
        """Of turns that were answered after their end; ``heard``: until it can be heard by the caller."""
        fair = [turn for turn in self.turns if not turn.early and kind in (None, turn.kind)]
        found = [turn.heard_ms if heard else turn.reply_ms for turn in fair]
        return [ms for ms in found if ms is not None]

    @property
    def early(self) -> int:
        return sum(turn.early for turn in self.turns)

    @property
    def missing(self) -> int:
        return sum(turn.reply_ms is None and not turn.early for turn in self.turns)

    @property
    def late_share(self) -> float:
        """Of frames, those this program sent late: with many, the figures are the callers' own."""
        frames = sum(call.frames for call in self.calls)
        return sum(call.frames_late for call in self.calls) / frames if frames else math.nan

    @property
    def length_s(self) -> float:
        """Of all calls together."""
        return sum(call.length_s for call in self.calls)


async def place_all(door: Door, scripts: Sequence[Script], at_once: int, rounds: int) -> list[Called]:
    """``at_once`` callers take up the scripts in turn, each one after another ``rounds`` times."""
    each = islice(cycle(scripts), at_once)
    lines = [_one_line(door, script, number, rounds, scripts) for number, script in enumerate(each)]
    return [call for calls in await asyncio.gather(*lines) for call in calls]


async def _one_line(
    door: Door, script: Script, number: int, rounds: int, scripts: Sequence[Script]
) -> list[Called]:
    await asyncio.sleep(number * STAGGER_S)
    at, calls = scripts.index(script), list[Called]()
    for again in range(rounds):
        script = scripts[(at + again) % len(scripts)]
        calls.append(await _one_call(door, script, number, number * 1_000 + again))
    return calls


async def _one_call(door: Door, script: Script, line: int, seed: int) -> Called:
    try:
        stream = await door.open(script, line)
    except (httpx.HTTPError, DoubleError) as failure:
        return Called(ended=f"not answered: {type(failure).__name__}")
    return await TurnCaller(stream, script.played(), seed).run()


def measured(
    door: Door, scripts: Sequence[Script] = SCRIPTS, *, at_once: int = 1, rounds: int = 2
) -> Figures:
    """The same, in a process of its own, awaited. Raises ``CalledProcessError`` with its words."""
    order = {
        "door": type(door).__name__, **asdict(door), "at_once": at_once, "rounds": rounds,
        "scripts": [asdict(script) for script in scripts],
    }  # fmt: skip
    command = [sys.executable, "-m", "benchmarks.turn_calls"]
    done = subprocess.run(
        command, input=json.dumps(order), text=True, stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    found = json.loads(done.stdout)
    calls = [
        replace(Called(**call), turns=[Answered(**turn) for turn in call["turns"]]) for call in found["calls"]
    ]
    return Figures(calls, found["client_cpu_s"])


def main() -> None:
    """One order as JSON on stdin, the figures as JSON on stdout."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    order = json.load(sys.stdin)
    kind = {"Socket": Socket, "Webhook": Webhook}[order.pop("door")]
    at_once, rounds = order.pop("at_once"), order.pop("rounds")
    scripts = [
        Script(each["number"], tuple((clip, asked) for clip, asked in each["turns"]), each["over_ms"])
        for each in order.pop("scripts")
    ]
    calls = asyncio.run(place_all(kind(**order), scripts, at_once, rounds))
    spent = psutil.Process().cpu_times()
    print(json.dumps({"calls": [asdict(call) for call in calls], "client_cpu_s": spent.user + spent.system}))


if __name__ == "__main__":
    main()
