"""A year of a practice's calls, as rows: what callers say is the corpus's, what is personal is sealed.

Values are drawn from pools that are sealed once: a value opens as slowly as any other, and a hundred thousand
calls are made in minutes.
"""

from __future__ import annotations

import random
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Engine

from benchmarks.console_bulk import fill
from intents import corpus
from models import search_keys
from models.call_figures import quarter_of
from models.call_keys import KEYED, WHOLE_CALL, in_us
from models.calls import patient_blind, phone_blind
from models.codec import to_json
from models.domain import (
    Disposition,
    IdentityLevel,
    IdentityVerified,
    RedFlagRaised,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    TaskKind,
    Transcript,
    Understanding,
    VerifyIdentity,
)
from models.keyring import current_keyring
from models.stored import CallEnding, ending_to_json

YEAR = timedelta(days=365)
NUMBERS = 15_000
REVIEWED = 0.93
OPEN_TASKS = 250
TURNS = (3, 14)  # of a call, least and most
PLACES = 64  # turns that a call can have, for packing
REPLIES = (
    "Lakeside Family Practice, this is the automated assistant. This call is recorded. How can I help?",
    "Which medicine is it, and which strength do you take?",
    "I have you down for lisinopril at Main Street Pharmacy. Is that right?",
    "I've sent this to the care team. You'll hear from them within 48 hours.",
    "The next opening with Doctor Chen is Tuesday at two twenty. Would that suit you?",
    "Please say your date of birth, month, day and year, or enter it on the keypad.",
)
ENDINGS = (
    *(Disposition.COMPLETED,) * 11,
    *(Disposition.MESSAGE_TAKEN,) * 3,
    *(Disposition.TRANSFERRED,) * 3,
    *(Disposition.ABANDONED,) * 2,
    Disposition.IDENTITY_FAILED,
    Disposition.NO_INPUT,
)
FLAGGED_EVERY = 50  # calls
TASK_EVERY = 4


def seal(place: str, value: Any) -> bytes:
    plain = value.encode() if isinstance(value, str) else orjson.dumps(value)
    return current_keyring().encrypt(plain, place.encode())


@dataclass(frozen=True)
class Said:
    """A sentence of the corpus, as its turn holds it."""

    sealed: bytes
    alternatives: bytes
    understood: bytes
    intent: str
    keys: frozenset[int]


@dataclass(frozen=True)
class Person:
    """A caller with their patient."""

    number: bytes
    number_blind: str
    patient: bytes
    patient_blind: str
    keys: frozenset[int]
    patient_key: int


def said() -> list[Said]:
    return [_said(example) for example in corpus.examples() if example.intents]


def _said(example: corpus.Example) -> Said:
    understood = Understanding(
        Transcript(example.text, 0.9, engine="whisper"), example.intents[0], example.intents, 0.9
    )
    return Said(
        seal("turn.caller_text", example.text),
        seal("turn.alternatives", [f"{example.text} please", example.text.replace(" a ", " the ")]),
        seal("turn.understood", to_json(understood)),
        example.intents[0].value,
        search_keys.word_keys(example.text) | search_keys.intent_keys(example.intents),
    )


def people(patient_ids: Sequence[str]) -> list[Person]:
    return [_person(n, patient_ids[n % len(patient_ids)]) for n in range(NUMBERS)]


def _person(n: int, patient_id: str) -> Person:
    number = f"+1617{2_000_000 + n * 37 % 7_000_000:07}"
    keys = {search_keys.blind_key(phone_blind(number)), search_keys.number_end_key(number[-4:])}
    return Person(
        seal("call.caller_number", number),
        phone_blind(number),
        seal("call.patient_id", patient_id),
        patient_blind(patient_id),
        frozenset(keys),
        search_keys.blind_key(patient_blind(patient_id)),
    )


class Year:
    """Draws a year of ``count`` calls that ends at ``now``; then fills the tables, each in one stream."""

    def __init__(self, count: int, now: datetime, patient_ids: Sequence[str], seed: int = 1) -> None:
        self.count, self.now = count, now
        self._draw = random.Random(seed)
        self._said, self._people = said(), people(patient_ids)
        self._keys: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._turns = [self._draw.randint(*TURNS) for _ in range(count)]
        self._empty = {place: seal(place, "") for place in ("turn.caller_text", "turn.keys", "turn.heard_to")}

    def fill(self, engine: Engine) -> None:
        for table, columns, rows in (
            ("call", CALL, self.calls),
            ("turn", TURN, self.turns),
            ("done_action", DONE, self.done),
            ("call_figure", FIGURE, self.figures),
            ("staff_task", TASK, self.tasks),
            ("task_step", STEP, self.steps),
            ("page", PAGE, self.pages),
            ("ledger", LEDGER, self.ledger),
            ("outbox", OUTBOX, self.outbox),
            ("event", EVENT, self.events),
            ("audit_entry", AUDIT, self.audit),
            ("call_key", KEY, self.keys),
        ):
            fill(engine, table, columns, rows())

    def call_id(self, n: int) -> str:
        return f"CA{n:032x}"

    def task_id(self, n: int) -> str:
        return f"{n:032x}"

    def started(self, n: int) -> datetime:
        return self.now - (YEAR * (self.count - n)) / self.count

    @property
    def task_calls(self) -> range:
        return range(0, self.count, TASK_EVERY)

    # ------------------------------------------------------------------ calls and what was said

    def calls(self) -> Iterator[Sequence[Any]]:
        draw, called = self._draw, seal("call.called_number", "+16175550100")
        state = [seal("call.state", _state(draw)) for _ in range(200)]
        endings = {ending: self._endings(ending) for ending in (*set(ENDINGS), Disposition.ESCALATED)}
        for n in range(self.count):
            at, person = self.started(n), draw.choice(self._people)
            ended = at + timedelta(seconds=20 * self._turns[n])
            is_flagged = n % FLAGGED_EVERY == 0
            ending = Disposition.ESCALATED if is_flagged else draw.choice(ENDINGS)
            is_reviewed = draw.random() < REVIEWED
            keys = {*person.keys, person.patient_key, search_keys.disposition_key(ending)}
            if is_flagged:
                keys |= {search_keys.flag_key(), search_keys.flag_key("RF01")}
            if not is_reviewed:
                keys.add(search_keys.unreviewed_key())
            self._note(n, WHOLE_CALL, keys)
            yield (
                self.call_id(n), person.number, person.number_blind, called, "main", at, ended, ended,
                ending.value, "L1", person.patient, person.patient_blind, draw.choice(state),
                draw.choice(endings[ending]), "RF01" if is_flagged else "", "bench", 1, 0, KEYED,
                ended if is_reviewed else None, "kim" if is_reviewed else "", "",
            )  # fmt: skip

    def _endings(self, ending: Disposition) -> list[bytes]:
        flags = (RedFlagRaised("RF01", "emergency", "chest"),) if ending is Disposition.ESCALATED else ()
        reasons = self._draw.sample(corpus.examples(), 300)
        return [
            seal("call.ending", ending_to_json(CallEnding(ending, each.text, IdentityLevel.L1, "p", flags)))
            for each in reasons
        ]

    def turns(self) -> Iterator[Sequence[Any]]:
        draw, empty = self._draw, self._empty
        replies = [seal("turn.agent_text", reply) for reply in REPLIES]
        expected = seal("turn.expectation", {"kind": "open", "asked": REPLIES[0], "choices": []})
        timings = [seal("turn.timings", {"decide_ms": n / 7, "stt_ms": n * 3.1}) for n in range(200)]
        keys, heard = empty["turn.keys"], empty["turn.heard_to"]
        unsure = search_keys.unsure_key()
        for n in range(self.count):
            at, call_id = self.started(n), self.call_id(n)
            greeting = (empty["turn.caller_text"], None, 0.0, replies[0], heard, "", "greeting", keys, None)
            yield (call_id, 0, at, *greeting, expected, draw.choice(timings))
            for number in range(1, self._turns[n]):
                one = draw.choice(self._said)
                sure = draw.choice((0.98, 0.95, 0.92, 0.9, 0.84, 0.8, 0.71, 0.45))
                self._note(n, number, one.keys | {unsure} if sure < search_keys.UNSURE_BELOW else one.keys)
                yield (
                    call_id, number, at + timedelta(seconds=20 * number), one.sealed, one.alternatives, sure,
                    draw.choice(replies), heard, one.intent, "serving", keys, one.understood, expected,
                    draw.choice(timings),
                )  # fmt: skip

    def done(self) -> Iterator[Sequence[Any]]:
        verified = IdentityVerified("p1", IdentityLevel.L1)
        refill = RefillAnswered(RefillOutcome.READY_FOR_APPROVAL, "MedicationRequest/5", "Task/9")
        orders = (
            (VerifyIdentity("a1", ("Ann Lee",), date(1980, 1, 1)), verified),
            (RequestRefill("a2", "p1", "o1", "lisinopril", "Main Street", False), refill),
        )
        pairs = [
            (
                order.action_id,
                seal("done_action.action", to_json(order)),
                seal("done_action.result", to_json(result)),
            )
            for order, result in orders
        ]
        for n in range(self.count):
            for place, (action_id, action, result) in enumerate(pairs, 1):
                yield self.call_id(n), action_id, place, action, result

    def figures(self) -> Iterator[Sequence[Any]]:
        draw = self._draw
        for n in range(self.count):
            replies = " ".join(str(draw.randint(300, 900)) for _ in range(1, self._turns[n]))
            wish, quarter = draw.choice(self._said).intent, quarter_of(self.started(n))
            yield self.call_id(n), wish, draw.randint(80, 400), replies, draw.randint(300, 60_000), quarter

    # ------------------------------------------------------------------ what follows from calls

    def tasks(self) -> Iterator[Sequence[Any]]:
        draw = self._draw
        kinds = (TaskKind.REFILL_REVIEW, TaskKind.ROUTINE_MESSAGE, TaskKind.BILLING_QUESTION)
        summaries = [
            seal("staff_task.summary", f"Call back: {each.text}") for each in corpus.examples()[:500]
        ]
        patient, number = (
            seal("staff_task.patient_id", "p1"),
            seal("staff_task.callback_number", "+16175550123"),
        )
        calls = self.task_calls
        for place, n in enumerate(calls):
            at = self.started(n)
            is_open = len(calls) - place <= OPEN_TASKS
            yield (
                self.task_id(n), self.call_id(n), "a3", draw.choice(kinds).value, "routine",
                "open" if is_open else "done", draw.choice(summaries), patient, number, at,
                at + timedelta(days=2), "" if is_open else "kim",
                None if is_open else at + timedelta(hours=3), "" if is_open else "done", 2, "",
            )  # fmt: skip

    def steps(self) -> Iterator[Sequence[Any]]:
        words = seal("task_step.words", "")
        for n in self.task_calls:
            at = self.started(n)
            yield self.task_id(n), "open", "agent", at, "open", "", "", words
            yield self.task_id(n), "comment", "kim", at + timedelta(hours=1), "open", "kim", "", words

    def pages(self) -> Iterator[Sequence[Any]]:
        summary = seal("page.summary", "Chest tightness on the line")
        for n in range(0, self.count, FLAGGED_EVERY):
            at, task = self.started(n), self.task_id(n) if n % TASK_EVERY == 0 else None
            yield f"p{n}", self.call_id(n), "a4", task, "RF01", summary, "acknowledged", at, at, "kim", 1

    def ledger(self) -> Iterator[Sequence[Any]]:
        for n in range(self.count):
            for kind in ("encounter", "communication", "note"):
                yield self.call_id(n), kind, 0, "local", "", "confirmed", f"{kind.title()}/{n}", "", 1, ""

    def outbox(self) -> Iterator[Sequence[Any]]:
        payload = seal("outbox.payload", {"call": "x"})
        for n in range(self.count):
            at = self.started(n)
            yield f"o{n}", self.call_id(n), "writeback:call", payload, f"k{n}", "confirmed", 1, at, at, ""

    def events(self) -> Iterator[Sequence[Any]]:
        payload = seal("event.payload", {"task": "x", "deed": "open"})
        for n in range(self.count):
            for kind in ("call.started", "call.ended"):
                yield kind, self.call_id(n), self.started(n), payload

    def audit(self) -> Iterator[Sequence[Any]]:
        """Two views of every call. Their hashes are of the right length and chain nothing."""
        ring, why = current_keyring(), seal("audit_entry.why", "")
        for n in range(self.count * 2):
            subject = f"call/{self.call_id(n // 2)}"
            sealed, blind = seal("audit_entry.subject", subject), ring.blind("audit.subject", subject)
            at, actor = self.started(n // 2), ("kim", "lee", "ana", "noor")[n % 4]
            yield "bench", n + 1, at, actor, "view", sealed, blind, why, f"{n:064x}", f"{n + 1:064x}"

    def keys(self) -> Iterator[Sequence[Any]]:
        """In the order of the index, as far as it is known: so it is written in one go."""
        for key in sorted(self._keys):
            for packed in self._keys[key]:
                n, turn = divmod(packed, PLACES)
                yield key, in_us(self.started(n)), self.call_id(n), turn - 1

    def _note(self, n: int, turn: int, keys: frozenset[int] | set[int]) -> None:
        for key in keys:
            self._keys[key].append(n * PLACES + turn + 1)


def _state(draw: random.Random) -> dict[str, Any]:
    """About as long as a dialog's state is."""
    return {"phase": "ended", "known": {f"slot{n}": draw.random() for n in range(60)}, "said": list(REPLIES)}


CALL = (
    "id caller_number caller_blind called_number line started ended updated disposition identity patient_id"
    " patient_blind state ending red_flag_ids owner epoch resumed keyed reviewed_at reviewed_by teaching_by"
)
TURN = (
    "call_id number at caller_text alternatives confidence agent_text heard_to intent phase keys understood"
    " expectation timings"
)
DONE = "call_id action_id turn_number action result"
FIGURE = "call_id wish answered_ms replies_ms note_ms quarter"
TASK = (
    "id call_id action_id kind priority state summary patient_id callback_number created_at due_at owner"
    " done_at outcome version resource_ref"
)
STEP = "task_id deed who at state owner outcome words"
PAGE = "id call_id action_id task_id red_flag_id summary state at acknowledged_at acknowledged_by level"
LEDGER = "call_id kind n target body_sha256 state server_ref etag attempts error"
OUTBOX = "id call_id kind payload idempotency_key state attempts created_at next_at last_error"
EVENT = "kind call_id at payload"
AUDIT = "chain number at actor action subject subject_blind why prev_hash hash"
KEY = "key started_us call_id turn"
