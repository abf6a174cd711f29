"""Single lines of the note: quotes, turn tags, and what one action with its outcome reads like."""

from __future__ import annotations

from ehr_writeback.checks_refill import ASKS_PROBLEM, EARLIER, TOLD_OF_NONE
from ehr_writeback.evidence import UNKEPT, keeps_words
from ehr_writeback.note_words import NoteWords
from ehr_writeback.times import to_minute
from ehr_writeback.titles import PROBLEM_TOLD
from models.domain import (
    AcceptOffer,
    ActionFailed,
    AddToRefill,
    Authority,
    BookedVisit,
    BookOpening,
    CallTransferred,
    CancelVisit,
    CheckCode,
    CodeNotSent,
    CodeRefused,
    ConfirmVisit,
    DoneAction,
    FileCheckin,
    FindOpenings,
    HoldOpening,
    IdentityRefused,
    IdentityVerified,
    JoinWaitlist,
    LeaveWaitlist,
    MoveVisit,
    OfferRefused,
    OpeningGone,
    OpenTask,
    PageStaff,
    PermissionRecorded,
    RateCall,
    RecordingStopped,
    RecordPermission,
    RedFlagRaised,
    RefillAdded,
    RefillAnswered,
    RefuseOffer,
    RegisterPatient,
    RegistrationPending,
    RequestRefill,
    RuleResult,
    SendCode,
    StopRecording,
    StopTranscript,
    TranscriptStopped,
    TransferCall,
    TurnRecord,
    VerifyIdentity,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
    WaitlistJoined,
    WaitlistLeft,
)

NAMES: dict[type, str] = {
    VerifyIdentity: "Identity check",
    SendCode: "One-time code",
    CheckCode: "Check of a one-time code",
    RecordPermission: "Permission by the patient",
    RequestRefill: "Refill request",
    AddToRefill: "Addition to a refill request",
    FindOpenings: "Search for openings",
    HoldOpening: "Hold of an opening",
    BookOpening: "Booking",
    MoveVisit: "Move of a visit",
    CancelVisit: "Cancellation of a visit",
    ConfirmVisit: "Confirmation of a visit",
    RegisterPatient: "First visit of a new patient",
    JoinWaitlist: "Waitlist entry",
    LeaveWaitlist: "End of a waitlist entry",
    AcceptOffer: "Booking from the waitlist",
    RefuseOffer: "Refusal of a waitlist offer",
    OpenTask: "Task for staff",
    PageStaff: "Page to staff",
    TransferCall: "Transfer to staff",
    StopRecording: "Stop recording",
    FileCheckin: "Answers of a check-in",
    StopTranscript: "Stop the transcript",
    RateCall: "Rating of the call",
}


class NoteLines(NoteWords):
    """Lines for the facts of one call."""

    def caller(self) -> str:
        """Who spoke: the patient, or somebody for the patient and on what authority; as verified last."""
        said = "the patient" if self.record.patient_id else "not verified"
        for done in self.record.done:
            match done.action, done.result:
                case VerifyIdentity(caller_names=names), IdentityVerified(authority=Authority() as given):
                    said = self._proxy(names[0], given)
                case RecordPermission(caller_name=name), PermissionRecorded(authority=given):
                    said = f"the patient, then {self._proxy(name, given)}"
        return said

    def _proxy(self, name: str, given: Authority) -> str:
        relation = f" ({given.relationship})" if given.relationship else ""
        scopes = ", ".join(given.scopes)
        return f"{self.quote(name)}{relation} for the patient, on {given.basis} ({scopes})"

    def turn_of_flag(self, flag: RedFlagRaised) -> TurnRecord | None:
        """The turn in which the sign was told."""
        last = flag.quote.rsplit(" / ", 1)[-1]
        pair = self.spans.answered(last)
        return (
            self.turn_with(flag.quote) or (pair[1] if pair else None) or self.turn_of_page(flag.red_flag_id)
        )

    def turn_of_page(self, red_flag_id: str) -> TurnRecord | None:
        """The turn in which staff were paged for a red flag."""
        pages = [
            done.turn_number
            for done in self.record.done
            if isinstance(done.action, PageStaff) and done.action.red_flag_id == red_flag_id
        ]
        return next((turn for turn in self.record.turns if turn.number in pages[:1]), None)

    def turn_after(self, turn: TurnRecord) -> TurnRecord | None:
        return next(
            (later for later in self.record.turns if later.number > turn.number and later.caller_text), None
        )

    def done(self, done: DoneAction) -> str:
        """The line of an action that changed something, with a line per unmet rule; "" for any other."""
        tag = self.tag(done.turn_number)
        words = self._effect(done)
        if not words:
            return ""
        rules = done.result.rules if isinstance(done.result, RefillAnswered) else ()
        unmet = [f"  - {_rule(rule)} {tag}" for rule in rules if rule.passed is not True]
        return "\n".join([f"- {words} {tag}", *unmet])

    def not_done(self, done: DoneAction) -> str:
        """The line of an action that failed or was refused, "" for any other."""
        if isinstance(done.action, VerifyIdentity) and isinstance(
            done.result, ActionFailed | IdentityRefused
        ):
            return f"- Identity check: not passed {self.tag(done.turn_number)}"
        if isinstance(done.result, CodeRefused):
            return f"- One-time code: not right {self.tag(done.turn_number)}"
        if isinstance(done.result, CodeNotSent):
            return f"- One-time code: not sent, {done.result.code} {self.tag(done.turn_number)}"
        name = NAMES.get(type(done.action), type(done.action).__name__)
        if isinstance(done.result, ActionFailed):
            return f"- {name}: failed, code {done.result.code} {self.tag(done.turn_number)}"
        if isinstance(done.result, OpeningGone):
            return f"- {name}: the opening was taken by another booking {self.tag(done.turn_number)}"
        return ""

    def _effect(self, done: DoneAction) -> str:
        match done.action, done.result:
            case RequestRefill() as wish, RefillAnswered() as answer:
                kept = keeps_words(self.record, done.turn_number)
                return self._refill(wish, answer) if kept else self._unkept_refill(wish, answer)
            case AddToRefill(words=words, task_ref=ref), RefillAdded():
                return f"Added to a refill request: {self.quote(words)}, {ref}"
            case BookOpening(), VisitBooked(visit=visit, resource_ref=ref):
                return f"Visit booked: {self._visit(visit)}, {ref}"
            case MoveVisit(appointment_id=before), VisitBooked(visit=visit, resource_ref=ref):
                return f"Visit moved from {before} to: {self._visit(visit)}, {ref}"
            case AcceptOffer(), VisitBooked(visit=visit, resource_ref=ref):
                return f"Visit booked from the waitlist: {self._visit(visit)}, {ref}"
            case CancelVisit(reason=reason), VisitCancelled(resource_ref=ref):
                return f"Visit cancelled: {ref}, reason code {reason}"
            case ConfirmVisit(), VisitConfirmed(resource_ref=ref):
                return f"Visit confirmed by the caller: {ref}"
            case RegisterPatient(), RegistrationPending(held_until=until):
                return (
                    f"First visit asked for, not booked: held until {to_minute(until, self.zone)} for staff"
                )
            case JoinWaitlist(wish=wish), WaitlistJoined(resource_ref=ref):
                return f"Put on the waitlist: {wish.visit_type}, {ref}"
            case LeaveWaitlist(entry_id=entry_id), WaitlistLeft():
                return f"Taken off the waitlist: Appointment/{entry_id}"
            case RefuseOffer(), OfferRefused():
                return "Passed on an opening offered from the waitlist"
            case TransferCall(reason=reason), CallTransferred():
                return f"Call transferred to staff: {reason}"
            case StopTranscript(), TranscriptStopped():
                return "Caller asked for nothing to be written down: no words are kept from here on"
            case CheckCode(), IdentityVerified():
                return "One-time code: right"
            case RecordPermission(caller_name=name), PermissionRecorded(authority=given):
                return f"Permission by the patient to speak for them: {self.quote(name)}, {given.basis}"
            case StopRecording(), RecordingStopped():
                return "Caller declined to be recorded: the recording was stopped and deleted"
        return ""

    def _visit(self, visit: BookedVisit) -> str:
        when = to_minute(visit.start, self.zone)
        return f"{visit.visit_type} with {visit.provider_name}, {when}, {visit.minutes} minutes"

    def _refill(self, wish: RequestRefill, answer: RefillAnswered) -> str:
        facts = [
            f"Refill requested: {self.quote(wish.said)}",
            f"order {wish.order_id}",
            f"taken, as the caller says: {self.quote(wish.taking)}" if wish.taking else "",
            f"taken beside it, as the caller says: {self.quote(wish.beside)}" if wish.beside else "",
            f"pharmacy {self.pharmacy(wish.pharmacy)}",
            f"new problems or side effects: {self._problem(wish)}",
            *_answered(answer),
        ]
        return ", ".join(fact for fact in facts if fact)

    def _unkept_refill(self, wish: RequestRefill, answer: RefillAnswered) -> str:
        """What was done stays, of whatever the caller wanted no words kept."""
        facts = [f"Refill requested: {UNKEPT}", f"order {wish.order_id}", *_answered(answer)]
        return ", ".join(fact for fact in facts if fact)

    def _problem(self, wish: RequestRefill) -> str:
        """The answer, where it was asked or told on this call; a caller who was cut off told it before."""
        asked = self.spans.was_asked(ASKS_PROBLEM) or wish.new_problem is None
        told = any(TOLD_OF_NONE.search(turn.caller_text.casefold()) for turn in self.record.turns)
        return PROBLEM_TOLD[wish.new_problem] if asked or told else EARLIER

    def pharmacy(self, name: str) -> str:
        """Its name where that was spoken; "the usual one" stays what it was called."""
        if not name:
            return "not named"
        return name if self.spans.spoken(name) else "as on file"


def _answered(answer: RefillAnswered) -> list[str]:
    outcome = f"protocol result {answer.outcome.value}"
    return [outcome, "request was already open" if answer.already_open else "", answer.proposal_ref]


def _rule(rule: RuleResult) -> str:
    state = "not passed" if rule.passed is False else "not known"
    return f"rule {rule.rule} {state}" + (f" ({rule.detail})" if rule.detail else "")
