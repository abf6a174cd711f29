"""A call against `decide` alone: the caller's meanings are made by hand, the backends answer at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dialog
from intents.readers.hints import read_hints
from intents.readers.speaking import read_speaking
from models.domain import (
    AcceptOffer,
    Action,
    ActionFailed,
    AddToRefill,
    Authority,
    BookedVisit,
    BookOpening,
    CallRated,
    CallStarted,
    CallTransferred,
    CancelVisit,
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    ConfirmVisit,
    Context,
    Decision,
    Entity,
    Event,
    FindOpenings,
    HangUp,
    Heard,
    HoldOpening,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    Intent,
    JoinWaitlist,
    LeaveWaitlist,
    Medicine,
    MoveVisit,
    OfferRefused,
    Opening,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    OpenTask,
    Outcome,
    PageStaff,
    PastVisit,
    PatientView,
    PermissionRecorded,
    PracticeFacts,
    Provider,
    ProxyScope,
    RateCall,
    RecordingStopped,
    RecordPermission,
    RefillAdded,
    RefillAnswered,
    RefillOutcome,
    RefuseOffer,
    RegisterPatient,
    RegistrationPending,
    RequestRefill,
    Result,
    SendCode,
    StaffPaged,
    StopRecording,
    StopTexts,
    StopTranscript,
    TaskOpened,
    TextsStopped,
    Transcript,
    TranscriptStopped,
    TransferCall,
    Understanding,
    VerifyIdentity,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
    VisitType,
    WaitlistJoined,
    WaitlistLeft,
)
from tests.dialog import manners

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # a Monday, ten in the morning in New York
CHEN = Provider("p1", "Doctor Chen", ("chen",))
PRACTICE = PracticeFacts(
    name="Maple Street Family Practice",
    phone="+15550100200",
    timezone="America/New_York",
    address="12 Maple Street",
    hours_text="Monday to Friday, eight to five",
    staff_available=True,
    providers=(CHEN, Provider("p2", "Doctor Patel", ("patel",))),
    visit_types=(
        VisitType("follow-up", "follow-up visit", 20, ("follow up",)),
        VisitType("physical", "annual physical", 40, ("physical", "checkup")),
    ),
    pharmacies=("Main Street Pharmacy", "Oak Drugs"),
    cancel_policy="We ask for a day's notice when you cancel.",
    roster_names=("Maria Lopez", "John Smith"),
    medicine_names=("lisinopril", "metformin", "warfarin"),
)


def opening(number: int, day: int, hour: int, minute: int = 0, provider: Provider = CHEN) -> Opening:
    """An opening in December 2026, in New York's winter time."""
    at = datetime(2026, 12, day, hour + 5, minute, tzinfo=UTC)
    return Opening(f"o{number}", provider.provider_id, provider.name, at, 20)


OPENINGS = (
    opening(1, 1, 14, 20),  # Tuesday
    opening(2, 3, 9),  # Thursday
    opening(3, 4, 10, 40),
    opening(4, 8, 16),
)
VISIT = BookedVisit("a1", "p1", "Doctor Chen", datetime(2026, 11, 30, 15, 0, tzinfo=UTC), 20, "follow-up")
LAST_VISIT = PastVisit(date(2026, 7, 2), "Doctor Chen")
MARIA = PatientView(
    "pat-1",
    "Maria",
    IdentityLevel.L1,
    medicines=(
        Medicine("m1", "lisinopril", "lisinopril 10 MG Oral Tablet", ("zestril", "prinivil")),
        Medicine("m2", "metformin", "metformin 500 MG Oral Tablet", ("glucophage",)),
    ),
    visits=(VISIT,),
    pharmacy_name="Oak Drugs",
)


def meaning(text: str, intent: Intent | Sequence[Intent] | None = None, **entities: Any) -> Understanding:
    """An understanding as the intents stage would give it: entity=value or entity=(value, certainty)."""
    intents = (intent,) if isinstance(intent, Intent) else tuple(intent or ())
    read = {name: entity for name, entity in read_speaking(text).items() if entity}
    made = {**read, **{name: _entity(text, value) for name, value in entities.items()}}
    wish = intents[0] if intents else None
    return Understanding(Transcript(text, 0.9), wish, intents, 0.9, made, hints=read_hints(text))


def _entity(text: str, value: Any) -> Entity:
    if isinstance(value, Entity):
        return value
    value, certainty = value if isinstance(value, tuple) else (value, 0.95)
    at = text.lower().find(str(value).lower())
    return Entity(value, (at, at + len(str(value))) if at >= 0 else (0, 0), certainty)


YES = meaning("yes", Intent.AFFIRM, yes_no=True)
NO = meaning("no", Intent.DENY, yes_no=False)


@dataclass
class Backend:
    """Answers actions by what it was told; keeps all it was ordered."""

    patient: PatientView = MARIA
    known: tuple[str, str] = ("Maria Lopez", "1981-03-05")
    zip_code: str = ""  # wanted too when set
    proxies: Mapping[str, Authority] = field(default_factory=dict)  # by full name
    code: str = "412379"  # the one-time code; "" where none can be sent
    wrong_codes: int = 0
    refill: RefillOutcome = RefillOutcome.NEEDS_REVIEW
    refills: Mapping[str, RefillAnswered] = field(default_factory=dict)  # by order, before `refill`
    failing_orders: tuple[str, ...] = ()
    runs_out_matters: bool = False
    openings: tuple[Opening, ...] = OPENINGS
    gone: set[str] = field(default_factory=set)
    failing: tuple[type, ...] = ()

    def answer(self, action: Action) -> Result | None:
        if isinstance(action, self.failing):
            return ActionFailed("backend")
        answer = _ANSWERS.get(type(action))
        return answer(self, action) if answer else None

    def verify(self, claim: VerifyIdentity) -> Result:
        right = self.known[0] in claim.names and self.known[1] == claim.dob.isoformat()
        given = next((self.proxies[name] for name in claim.caller_names if name in self.proxies), None)
        right = right and (given is not None or not claim.caller_names)
        if right and (not self.zip_code or claim.zip_code == self.zip_code):
            return IdentityVerified(self.patient.patient_id, IdentityLevel.L1, given)
        return IdentityRefused()

    def send_code(self, wish: SendCode) -> Result:
        return CodeSent() if self.code else CodeNotSent("no-mobile-on-file")

    def check_code(self, wish: CheckCode) -> Result:
        if wish.code == self.code:
            self.patient = replace(
                self.patient, level=IdentityLevel.L2, may_be_read_out=True, last_visit=LAST_VISIT
            )
            return IdentityVerified(wish.patient_id, IdentityLevel.L2)
        self.wrong_codes += 1
        return CodeRefused(more=self.wrong_codes < 3)

    def record(self, wish: RecordPermission) -> Result:
        return PermissionRecorded(Authority((ProxyScope.ALL,), "Consent/c1", wish.relationship))

    def request(self, wish: RequestRefill) -> Result:
        if wish.order_id in self.failing_orders:
            return ActionFailed("backend")
        answer = self.refills.get(wish.order_id) or RefillAnswered(
            self.refill, "MedicationRequest/1", "Task/1"
        )
        return replace(answer, order_id=wish.order_id)

    def find(self, wish: FindOpenings) -> Result:
        fits = [one for one in self.openings if _fits(one, wish) and one.opening_id not in self.gone]
        return OpeningsFound(tuple(fits[: wish.limit]))

    def hold(self, wish: HoldOpening) -> Result:
        gone = wish.opening_id in self.gone
        return OpeningGone(wish.opening_id) if gone else OpeningHeld(wish.opening_id)

    def accept(self, wish: AcceptOffer) -> Result:
        place = next(one for one in self.patient.waitlist if one.entry_id == wish.entry_id)
        one = place.offer
        if one is None or one.opening_id in self.gone:
            return OpeningGone(wish.entry_id)
        visit = BookedVisit("a9", one.provider_id, one.provider_name, one.start, one.minutes, "follow-up")
        return VisitBooked(visit, "Appointment/a9")

    def book(self, wish: BookOpening | MoveVisit) -> Result:
        one = next(one for one in OPENINGS if one.opening_id == wish.opening_id)
        visit = BookedVisit("a9", one.provider_id, one.provider_name, one.start, one.minutes, "follow-up")
        return VisitBooked(visit, "Appointment/a9")


def _fits(one: Opening, wish: FindOpenings) -> bool:
    """New York's winter time, as all openings here are."""
    local = one.start - timedelta(hours=5)
    day, at = local.date(), local.strftime("%H:%M")
    part = "morning" if local.hour < 12 else "afternoon" if local.hour < 17 else "evening"
    return (
        one.opening_id not in wish.not_openings
        and (not wish.weekdays or day.weekday() in wish.weekdays)
        and day.weekday() not in wish.not_weekdays
        and (not wish.dates or day in wish.dates)
        and day not in wish.not_dates
        and (wish.from_date or date.min) <= day <= (wish.to_date or date.max)
        and wish.daypart in ("", part)
        and part not in wish.not_dayparts
        and (wish.not_before or at) <= at <= (wish.not_after or at)
        and wish.provider_id in ("", one.provider_id)
        and one.provider_id not in wish.not_providers
        and (not wish.start_after or one.start > wish.start_after)
        and (not wish.start_before or one.start < wish.start_before)
    )


_ANSWERS: dict[type, Callable[[Backend, Any], Result | None]] = {
    VerifyIdentity: Backend.verify,
    SendCode: Backend.send_code,
    CheckCode: Backend.check_code,
    RecordPermission: Backend.record,
    RequestRefill: Backend.request,
    AddToRefill: lambda backend, wish: RefillAdded(wish.task_ref, backend.runs_out_matters),
    FindOpenings: Backend.find,
    HoldOpening: Backend.hold,
    BookOpening: Backend.book,
    MoveVisit: Backend.book,
    JoinWaitlist: lambda backend, wish: WaitlistJoined("w1", "Appointment/w1"),
    LeaveWaitlist: lambda backend, wish: WaitlistLeft(wish.entry_id),
    AcceptOffer: Backend.accept,
    RefuseOffer: lambda backend, wish: OfferRefused(wish.entry_id),
    CancelVisit: lambda backend, wish: VisitCancelled(wish.appointment_id, "Appointment/1"),
    ConfirmVisit: lambda backend, wish: VisitConfirmed(wish.appointment_id, "Appointment/1"),
    RegisterPatient: lambda backend, wish: RegistrationPending("task-1", NOW + timedelta(hours=24)),
    OpenTask: lambda backend, wish: TaskOpened("Task/9"),
    PageStaff: lambda backend, wish: StaffPaged("Page/1"),
    TransferCall: lambda backend, wish: CallTransferred(),
    StopTexts: lambda backend, wish: TextsStopped(),
    StopTranscript: lambda backend, wish: TranscriptStopped(),
    StopRecording: lambda backend, wish: RecordingStopped(),
    RateCall: lambda backend, wish: CallRated(),
    HangUp: lambda backend, wish: None,
}


class Call:
    """One caller on the line. ``says`` and ``hears`` read like the call itself."""

    def __init__(
        self, backend: Backend | None = None, *, staff: bool = True, on_call: bool = False,
        number: str = "+15550107777",
    ) -> None:  # fmt: skip
        self.backend = backend or Backend()
        practice = replace(PRACTICE, staff_available=staff, urgent_available=staff or on_call)
        self.context = Context(NOW, practice, caller_number=number)
        self.state = dialog.start("call-1")
        self.said: list[str] = []
        self.ordered: list[Action] = []
        self.held_back: list[Action] = []
        self.slow = False  # outcomes wait for `answer`
        self.ear = manners.Ear()
        self.decision: Decision[dialog.DialogState] = Decision(self.state)
        self.event(CallStarted())

    def event(self, event: Event) -> str:
        """One event and the outcomes that follow; what was said in all."""
        self.said = []
        self._decide(event)
        return self.text

    def _decide(self, event: Event) -> None:
        state = dialog.from_json(json.loads(json.dumps(dialog.to_json(self.state))))
        assert state == self.state
        self.decision = dialog.decide(state, event, self.context)
        self.state = self.decision.state
        self.ear.listen(event, self.decision, self.context.practice)
        self.said += [sentence.text for sentence in self.decision.say]
        self.ordered += self.decision.actions
        self.held_back += self.decision.actions
        if not self.slow:
            self._answer_all()

    def answer(self) -> str:
        """The backends answer what they had kept waiting."""
        self.said = []
        self._answer_all()
        return self.text

    def _answer_all(self) -> None:
        waiting, self.held_back = self.held_back, []
        for action in waiting:
            result = self.backend.answer(action)
            if isinstance(result, IdentityVerified):
                self.context = replace(self.context, patient=self.backend.patient)
            if result is not None:
                self._decide(Outcome(action.action_id, result))

    def says(self, text: str, intent: Intent | Sequence[Intent] | None = None, **entities: Any) -> str:
        return self.event(Heard(meaning(text, intent, **entities)))

    def yes(self) -> str:
        return self.event(Heard(YES))

    def no(self) -> str:
        return self.event(Heard(NO))

    @property
    def text(self) -> str:
        return " ".join(self.said)

    def hears(self, *parts: str) -> None:
        for part in parts:
            assert part in self.text, f"{part!r} not in {self.text!r}"

    def identifies(self) -> str:
        self.says("Maria Lopez", name="Maria Lopez")
        if self.state.asking == "identity.spelling":  # at the last attempt
            self.says("M A R I A", letters="MARIA")
        return self.says("March fifth nineteen eighty one", dob="1981-03-05")

    def ordered_of(self, kind: type) -> list[Any]:
        return [action for action in self.ordered if isinstance(action, kind)]
