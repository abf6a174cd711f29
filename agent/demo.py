"""`firstring demo`: the whole product on real audio, in a few minutes, on a fictional practice.

A program that plays Twilio calls the real server over the real protocol. This file only starts both and
shows what happens; it looks into the server's database and chart as a member of staff would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from agent import settings as settings_module
from agent.demo_calls import CALLS, DemoCall, clip_path, words_of
from agent.demo_report import CallReport, percentile
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from models import records
from models.storage import Storage
from telephony.double import Caller, CallEvent, CallResult, Double
from telephony.double.result import Kind, Observer
from telephony.double.ways import NETWORK, Way

CALLED_NUMBER = "+16175550100"
WRITE_BACK_LIMIT_S = 30.0
POLL_S = 0.1
QUIET_S = 0.8  # of the agent, before a caller answers: a sentence may be late on a busy machine
PLAIN_WIDTH = 180  # of tables in a log file


class Live:
    """Shows one call as it happens: the carrier's side from events, the server's from its stored turns."""

    def __init__(self, out: Console, storage: Storage, call: DemoCall) -> None:
        self._out = out
        self._storage = storage
        self._said = {str(clip_path(clip)): words_of(clip) for clip in call.clips}
        self._shown: dict[int, str] = {}
        self._reply_ms: float | None = None

    def on_event(self, event: CallEvent) -> None:
        at = f"[dim]{event.at_ms / 1000:7.2f} s[/dim]"
        match event.kind:
            case Kind.CALLER_SPEAKING:
                words = self._said.get(str(event.detail.get("label", "")).removeprefix("wav:"), "")
                self._out.print(f'{at}  [cyan]caller says [/cyan] "{words}"')
            case Kind.REPLY:
                self._out.print(
                    f"{at}  [green]reply begins[/green] {event.detail.get('reply_ms')} ms after speech"
                )
            case Kind.DIAL:
                self._out.print(
                    f"{at}  [magenta]transferred [/magenta] carrier dials {event.detail.get('number', '')}"
                )
            case Kind.ENDED:
                self._out.print(f"{at}  [dim]{event.detail.get('how')}[/dim]")

    async def follow(self, call_sid: str) -> None:
        """Until cancelled: shows each stored turn once it is there, and what its reply has grown by."""
        while True:
            await self.show_turns(call_sid)
            await asyncio.sleep(POLL_S)

    async def show_turns(self, call_sid: str) -> None:
        stored = await self._storage.read(lambda session: records.load_call(session, call_sid))
        for turn in stored.turns if stored else ():
            before = self._shown.get(turn.number)
            if before is None and turn.caller_text:
                heard = (
                    f'"{turn.caller_text}"  [dim]{turn.intent or "no intent"}, {turn.confidence:.2f}[/dim]'
                )
                self._out.print(f"           [cyan]was heard as[/cyan] {heard}")
            new = turn.agent_text.removeprefix(before or "").strip()
            if new:
                self._out.print(f'           [green]agent says  [/green] "{new}"')
            self._shown[turn.number] = turn.agent_text


def run(*, stay: bool, keep: Path | None, as_json: bool) -> int:
    """Runs the demo; 0 when every call ended as intended."""
    out = Console(highlight=False, quiet=as_json, soft_wrap=True)
    if not out.is_terminal:
        out.width = PLAIN_WIDTH
    with _folder(keep) as folder:
        settings = demo_settings(folder / "data")
        out.print("Starting Firstring with a fictional practice ...")
        with running_server(settings) as server:
            out.print(f"Ready after {server.ready_s:.1f} s, models loaded after {server.loaded_s:.1f} s.")
            reports = asyncio.run(_calls(server, out, keep))
            _finish(out, reports, server, stay=stay, as_json=as_json)
            if stay:
                _stay(out, server)
    return 0 if all(report.as_intended for report in reports) else 1


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="firstring-demo-") as folder:
        yield Path(folder)


async def _calls(server: LocalServer, out: Console, keep: Path | None) -> list[CallReport]:
    storage = await asyncio.to_thread(Storage.open, server.settings.database, keyring_of(server.settings))
    try:
        reports = []
        for number, call in enumerate(CALLS, start=1):
            out.rule(f"[bold]Call {number}: {call.title}[/bold]")
            result = await place(server, call, Live(out, storage, call))
            if keep:
                result.save(keep / f"call-{number}.wav")
            reports.append(await _report(server, storage, call, result))
            _show_written(out, reports[-1])
        return reports
    finally:
        storage.close()


def double_for(
    server: LocalServer, number: str, on_event: Observer | None = None, way: Way = NETWORK
) -> Double:
    settings = server.settings
    return Double(
        base_url=server.base_url,
        public_url=settings.public_url,
        auth_token=settings.twilio_auth_token,
        account_sid=settings.twilio_account_sid,
        from_number=number,
        to_number=CALLED_NUMBER,
        way=way,
        on_event=on_event,
    )


async def place(server: LocalServer, call: DemoCall, live: Live | None = None) -> CallResult:
    """Places one of the demo's calls; ``live`` shows it while it happens."""
    call_sid = "CA" + secrets.token_hex(16)
    double = double_for(server, call.number, live.on_event if live else None)
    following = asyncio.create_task(live.follow(call_sid)) if live else None
    try:
        result = await double.place_call(Caller(call.steps, quiet_s=QUIET_S), call_sid=call_sid)
    finally:
        if following:
            following.cancel()
    if live:
        await live.show_turns(result.call_sid)
    return result


async def _report(server: LocalServer, storage: Storage, call: DemoCall, result: CallResult) -> CallReport:
    stored = await _when_closed(storage, result.call_sid)
    written = await _written(server, result.call_sid, call)
    turns = stored.turns if stored else ()
    return CallReport(
        title=call.title,
        intended=call.disposition,
        disposition=stored.disposition if stored else "",
        turns=len([turn for turn in turns if turn.caller_text]),
        greeting_ms=result.greeting_ms,
        reply_ms=tuple(result.reply_times_ms),
        written=written,
        missing=tuple(kind for kind in call.resources if not any(r["resourceType"] == kind for r in written)),
    )


async def _when_closed(storage: Storage, call_sid: str) -> records.StoredCall | None:
    deadline_s = time.monotonic() + WRITE_BACK_LIMIT_S
    while True:
        stored = await storage.read(lambda session: records.load_call(session, call_sid))
        if (stored and stored.ended) or time.monotonic() > deadline_s:
            return stored
        await asyncio.sleep(POLL_S)


async def _written(server: LocalServer, call_sid: str, call: DemoCall) -> list[dict[str, Any]]:
    """The chart's resources of this call, asked of the server's FHIR door as any client would."""
    settings = server.settings
    token = settings_module.own_secret(settings, "fhir-token")
    headers = {"Authorization": f"Bearer {token}"}
    deadline_s = time.monotonic() + WRITE_BACK_LIMIT_S
    async with httpx.AsyncClient(base_url=f"{server.private_url}/fhir", headers=headers, timeout=10) as chart:
        while True:
            found = await resources_of(chart, call_sid)
            kinds = {resource["resourceType"] for resource in found}
            if kinds.issuperset(call.resources) or time.monotonic() > deadline_s:
                return found
            await asyncio.sleep(POLL_S * 3)


async def resources_of(chart: httpx.AsyncClient, call_sid: str) -> list[dict[str, Any]]:
    """Every resource whose identifier begins with the call's id, and the provenance that names its note."""
    found: list[dict[str, Any]] = []
    for kind in (
        "MedicationRequest",
        "Appointment",
        "Task",
        "Communication",
        "Encounter",
        "DocumentReference",
    ):
        bundle = (await chart.get(f"/{kind}", params={"_count": "200"})).json()
        found += [
            entry["resource"] for entry in bundle.get("entry", ()) if _belongs(entry["resource"], call_sid)
        ]
    for note in [resource for resource in found if resource["resourceType"] == "DocumentReference"]:
        bundle = (await chart.get("/Provenance", params={"target": f"DocumentReference/{note['id']}"})).json()
        found += [entry["resource"] for entry in bundle.get("entry", ())]
    return found


def _belongs(resource: dict[str, Any], call_sid: str) -> bool:
    return any(str(each.get("value", "")).startswith(call_sid) for each in resource.get("identifier", ()))


def _show_written(out: Console, report: CallReport) -> None:
    for resource in report.written:
        out.print(f"[yellow]written[/yellow]  {resource['resourceType']}/{resource['id']}")
    notes = [resource for resource in report.written if resource["resourceType"] == "DocumentReference"]
    if notes:
        out.print_json(json.dumps(notes[0]))
        out.print(report.note_text, markup=False)


def _finish(
    out: Console, reports: list[CallReport], server: LocalServer, *, stay: bool, as_json: bool
) -> None:
    if as_json:
        print(json.dumps([report.as_json() for report in reports]))
    table = Table(title="What happened")
    for column in (
        "call",
        "ended",
        "as intended",
        "caller turns",
        "greeting",
        "reply p50",
        "reply p95",
        "written",
    ):
        table.add_column(column)
    for report in reports:
        table.add_row(*report.row())
    out.print(table)
    replies = [ms for report in reports for ms in report.reply_ms]
    out.print(
        f"Replies: p50 {percentile(replies, 50):.0f} ms, p95 {percentile(replies, 95):.0f} ms (pocketsphinx)"
    )
    out.print("Next: `make demo ARGS=--stay` for the staff page and the chart; `firstring chat`; README.md.")


def _stay(out: Console, server: LocalServer) -> None:
    settings = server.settings
    log = (settings.data_dir / "server.log").read_text(errors="replace")
    password = next((line for line in log.splitlines() if line.startswith("staff page: user")), "")
    out.print(f"\nThe server stays up. Staff console: {server.private_url}/   {password}")
    out.print("Demo: the console asks for no second factor here; a real practice's always does.")
    out.print(
        f"Chart: {server.private_url}/fhir/metadata  (bearer token in {settings.data_dir}/secrets/fhir-token)"
    )
    out.print(f"Place a call of your own:  {call_hint(server)}\nCtrl-C ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        server.process.wait()


def call_hint(server: LocalServer) -> str:
    settings = server.settings
    return (
        f"FIRSTRING_PUBLIC_URL={settings.public_url} "
        f"FIRSTRING_TWILIO_ACCOUNT_SID={settings.twilio_account_sid} "
        f"FIRSTRING_TWILIO_AUTH_TOKEN={settings.twilio_auth_token} "
        f".venv/bin/firstring call --to {server.base_url} "
        f"wav:audio_fixtures/maria-wants-refill.wav wait:8 hangup"
    )
