"""Promises that hold in every state a call can reach, tried on calls that no one would write down."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import dialog
from dialog.phases import MAY_FOLLOW
from dialog.safety import Code, sentence
from models.domain import (
    Action,
    ActionFailed,
    BookOpening,
    CallStarted,
    CancelVisit,
    Context,
    Decision,
    Disposition,
    Event,
    Heard,
    HungUp,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    Intent,
    Interrupted,
    Keys,
    MoveVisit,
    NoInput,
    NoPause,
    OpeningGone,
    OpeningsFound,
    OpenTask,
    Outcome,
    PageStaff,
    Phase,
    RequestRefill,
    Sentence,
    StaffDeed,
    StaffJoined,
    StaffOrdered,
    TaskKind,
    ToneHeard,
    ToneKind,
    Transcript,
    TransferCall,
    Understanding,
    VerifyIdentity,
    Waiting,
)
from tests.dialog import manners
from tests.dialog.calls import MARIA, NO, NOW, PRACTICE, YES, Backend, meaning
from tests.dialog.checkin_calls import QUESTIONNAIRES

ACTS = (RequestRefill, BookOpening, MoveVisit, CancelVisit)
CONFIRMATIONS = (
    "Is that right?",
    "Shall I book it?",
    "Is that right, yes or no?",
    "Press 1 for yes, or 2 for no.",
)
CHEST_PAIN = Heard(meaning("I have crushing chest pain right now"))
REPRESENTATIVE = Heard(meaning("representative", Intent.HUMAN_AGENT))
DANGER = {"D0", "D0-988", "D0-PC"}

SENTENCES = (
    YES,
    NO,
    meaning("I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril"),
    meaning("I need a refill", Intent.REFILL_REQUEST),
    meaning("lisinopril", None, drug=("lisinopril", 0.5)),
    meaning("warfarin", None, drug="warfarin"),
    meaning("book a follow up on Thursday", Intent.SCHEDULE_BOOK, visit_type="follow-up", weekday=3),
    meaning("move my visit", Intent.SCHEDULE_RESCHEDULE),
    meaning("cancel my visit and a refill", (Intent.SCHEDULE_CANCEL, Intent.REFILL_REQUEST)),
    meaning("when is my visit", Intent.SCHEDULE_LOOKUP),
    meaning("my back hurts a lot today", Intent.SYMPTOM_REPORT, symptom="back pain"),
    meaning("tell the doctor I said hello", Intent.MESSAGE_FOR_PROVIDER),
    meaning("what are your hours", Intent.OFFICE_INFO),
    meaning("this is the pharmacy", Intent.PROFESSIONAL_CALLER),
    meaning("espanol", Intent.LANGUAGE_REQUEST),
    meaning("did my refill go through", Intent.REFILL_STATUS),
    meaning("Maria Lopez", None, name="Maria Lopez"),
    meaning("March fifth nineteen eighty one", None, dob="1981-03-05"),
    meaning("March fifth", None, dob=("1981-03-05", 0.4)),
    meaning("one two three four five", None, zip="12345"),
    meaning("Main Street", None, pharmacy="Main Street Pharmacy"),
    meaning("no, at Oak Drugs", Intent.DENY, yes_no=False, pharmacy="Oak Drugs"),
    meaning("yes, at Oak Drugs", Intent.AFFIRM, yes_no=True, pharmacy="Oak Drugs"),
    meaning("any time"),
    meaning("the first one", None, choice="o1"),
    meaning("no, Friday", Intent.DENY, yes_no=False, weekday=4),
    meaning("yes, Friday", Intent.AFFIRM, yes_no=True, weekday=4),
    meaning("five", None, number=5),
    meaning("seven weeks ago"),
    meaning("you called me for a check-in", Intent.CHECKIN_RETURN),
    meaning("I'm calling back about my mood", Intent.CHECKIN_RETURN),
    meaning("several days"),
    meaning("my ankles are swollen", Intent.SYMPTOM_REPORT, symptom="swelling"),
    meaning("never mind"),
    meaning("say that again", Intent.REPEAT),
    meaning("start over", Intent.REPEAT, mode="start_over"),
    meaning("hold on", Intent.WAIT),
    meaning("are you a robot"),
    meaning("goodbye", Intent.GOODBYE),
    meaning("hello", Intent.GREETING),
    meaning("do you sell tires", Intent.OUT_OF_SCOPE),
    meaning("I don't know", Intent.DONT_KNOW),
    meaning("blah blah blah"),
    meaning(""),
    meaning("what should I do if I get chest pain"),
    meaning("I had chest pain last night, it went away"),
    meaning("I want to kill myself"),
    meaning("my baby swallowed bleach"),
    Understanding(Transcript("", failure="recogniser-timeout")),
)
WISHES = tuple(
    heard for heard in SENTENCES if heard.text.startswith(("I need", "book", "move", "cancel", "when"))
)
LISINOPRIL = meaning("lisinopril", None, drug="lisinopril")
HELPFUL: dict[str, tuple[Understanding, ...]] = {
    "call.open": WISHES,
    "call.more": WISHES,
    "identity.name": (meaning("Maria Lopez", None, name="Maria Lopez"),),
    "identity.dob": (meaning("March fifth nineteen eighty one", None, dob="1981-03-05"),),
    "refill.drug": (LISINOPRIL,),
    "refill.pharmacy": (meaning("Oak Drugs", None, pharmacy="Oak Drugs"),),
    "refill.problem": (NO,),
    "book.kind": (meaning("a physical", None, choice="physical"),),
    "book.when": (meaning("any time"), meaning("Thursday", None, weekday=3)),
    "move.when": (meaning("any time"), meaning("Thursday", None, weekday=3)),
    "book.pick": (meaning("the first one", None, choice="o1"), meaning("Thursday", None, weekday=3)),
    "move.pick": (meaning("the first one", None, choice="o1"), meaning("neither"), YES),
    "checkin.onset": (meaning("yesterday"),),
    "checkin.severity": (meaning("five", None, number=5),),
    "danger.doubt": (NO,),
}
KEYS = ("1", "2", "5", "03051981", "02311981", "12345", "5550107777", "#")
WORDS = ("well", "you know it", "the one from before", "on the thirty first of February", "it is about that")
VALUES: dict[str, tuple[Any, ...]] = {
    "dob": ("1981-03-05", "1890-01-01", "2031-01-01", "1981-02-31"),
    "date": ("2026-12-01", "1890-01-01", "2026-02-31"),
    "date_from": ("2026-12-01",),
    "date_to": ("2026-12-04",),
    "weekday": (0, 3),
    "time": ("14:20",),
    "daypart": ("morning", "evening"),
    "phone": ("+15550107777",),
    "zip": ("12345",),
    "number": (4, 99),
    "letters": ("LISINOPRIL", "XY"),
    "name": ("Maria Lopez", "Maria"),
    "drug": ("lisinopril", "warfarin"),
    "strength": ("10 mg",),
    "pharmacy": ("Oak Drugs",),
    "provider": ("p1", "nobody"),
    "choice": ("o1", "physical", "person", "message", "nothing of the kind"),
    "yes_no": (True, False),
    "symptom": ("back pain",),
    "visit_type": ("physical",),
    "late_min": (15,),
    "mode": ("slower", "start_over", "waitlist", "confirm", "correction"),
    "kind": ("complaint", "wrong_number", "sales"),
}
ENTITIES = st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True)


def _is_yes(event: Event) -> bool:
    if isinstance(event, Keys):
        return event.digits == "1"
    entity = event.understanding.entities.get("yes_no") if isinstance(event, Heard) else None
    return entity is not None and entity.value is True


def _asks_again(event: Event) -> bool:
    return isinstance(event, Heard) and event.understanding.intent is Intent.REPEAT


class Caller(RuleBasedStateMachine):
    """Any events in any order; every outcome an action can have."""

    context: Context
    state: dialog.DialogState

    @initialize(staff=st.booleans(), number=st.sampled_from(("+15550107777", "")))
    def rings(self, staff: bool, number: str) -> None:
        practice = replace(PRACTICE, staff_available=staff, questionnaires=QUESTIONNAIRES)
        self.context = Context(NOW, practice, caller_number=number)
        self.state = dialog.start("c1")
        self.decision: Decision[dialog.DialogState] = Decision(self.state)
        self.open: list[Action] = []
        self.backend = Backend(patient=replace(MARIA, checkins=("heart-failure", "phq")))
        self.ear = manners.Ear()
        self.last_texts: tuple[str, ...] = ()
        self.take(CallStarted())

    def take(self, event: Event) -> None:
        before, last = self.state, self.decision
        self.decision = dialog.decide(before, event, self.context)
        self.state = self.decision.state
        self.open += self.decision.actions
        assert self.state.phase is before.phase or self.state.phase in MAY_FOLLOW[before.phase]
        self.check_speech(event, last)
        self.check_place()
        for action in self.decision.actions:
            if isinstance(action, ACTS):
                assert _is_yes(event), (event, action)
                assert last.expectation.asked.endswith(CONFIRMATIONS), last.expectation.asked

    def check_speech(self, event: Event, last: Decision[dialog.DialogState]) -> None:
        texts = manners.texts(self.decision)
        said = " ".join(texts)
        for chart_only in ("metformin", "glucophage", "MG", "500"):
            assert chart_only not in said
        if not manners.begins_anew(event):
            assert manners.questions(texts) <= 1, said
        self.check_length(event, texts)
        if isinstance(event, NoInput) and isinstance(self.last_event, NoInput):
            assert {s.text for s in last.say}.isdisjoint(texts), said
        self.ear.listen(event, self.decision, self.context.practice)
        self.check_news(event, texts)
        self.last_event = event

    def check_length(self, event: Event, texts: tuple[str, ...]) -> None:
        """Until the caller speaks again it is one reply; danger, a person and the closing take longer."""
        if not isinstance(event, Outcome):
            self.told = 0
        whole = self.state.phase in (Phase.HANDOFF, Phase.CLOSING) or self.state.known.get("danger")
        on_the_way = any(name.endswith(".transfer") for name in self.state.pending.values())
        if whole or on_the_way or isinstance(event, (CallStarted, Waiting)):
            return
        if _asks_again(event):
            return  # as long as it was
        self.told += manners.statements(texts, self.context.practice)
        assert self.told <= manners.MOST_STATEMENTS, (event, texts, self.told)
        if not isinstance(event, Outcome) and not self.decision.actions:
            self.told = 0  # an outcome that comes now is late, and a reply of its own

    def check_news(self, event: Event, texts: tuple[str, ...]) -> None:
        """Never the same reply twice running, but where the caller asked for just that."""
        if texts and not _asks_again(event) and not manners.begins_anew(event):
            assert texts != self.last_texts, (event, texts)
        self.last_texts = texts or self.last_texts

    def check_place(self) -> None:
        """A question is open, or an outcome is awaited, or somebody has the line, or the call is over."""
        state = self.state
        if state.phase is Phase.ENDED or state.known.get("with_person"):
            return
        assert state.asking, state
        if state.asking == "call.wait":
            assert state.pending, state
        else:
            ending = "call.hang_up" in state.pending.values() or state.phase is Phase.CLOSING
            assert state.asked or ending or state.phase is Phase.HANDOFF, state

    last_event: Event | None = None
    told = 0  # sentences since the caller spoke

    @rule(heard=st.sampled_from(SENTENCES))
    def says(self, heard: Understanding) -> None:
        self.take(Heard(heard))

    @rule(
        text=st.sampled_from(WORDS),
        intents=st.lists(st.sampled_from(list(Intent)), max_size=2, unique=True),
        names=ENTITIES,
        data=st.data(),
    )
    def says_anything(self, text: str, intents: list[Intent], names: list[str], data: st.DataObject) -> None:
        values = {name: data.draw(st.sampled_from(VALUES[name])) for name in names}
        sure = data.draw(st.sampled_from((0.95, 0.4)))
        self.take(Heard(meaning(text, intents, **{name: (v, sure) for name, v in values.items()})))

    @rule(data=st.data(), times=st.integers(1, 4))
    def goes_along(self, data: st.DataObject, times: int) -> None:
        """A stretch of a call that goes well: outcomes come, questions are answered."""
        for _ in range(times):
            while self.open:
                self.answer(self.open.pop(), 0)
            helpful = HELPFUL.get(self.state.asking, (YES,))
            self.take(Heard(data.draw(st.sampled_from(helpful))))

    @rule(digits=st.sampled_from(KEYS))
    def presses(self, digits: str) -> None:
        self.take(Keys(digits))

    @rule()
    def is_silent(self) -> None:
        self.take(NoInput())

    @rule()
    def breaks_in(self) -> None:
        self.take(Interrupted("Thank you"))

    @rule(kind=st.sampled_from(ToneKind))
    def is_a_machine(self, kind: ToneKind) -> None:
        self.take(ToneHeard(kind))

    @rule()
    def never_pauses(self) -> None:
        self.take(NoPause())

    @rule()
    def is_told_of_something_foreign(self) -> None:
        before = self.state
        self.take(Outcome("c9-a77", ActionFailed("x")))
        assert self.state == before

    @rule()
    def a_person_joins(self) -> None:
        self.take(StaffJoined("staff-1"))
        assert self.decision.say == ()

    @rule(deed=st.sampled_from(StaffDeed), number=st.integers(1, 3))
    def staff_order(self, deed: StaffDeed, number: int) -> None:
        """It is done whole, or nothing is; a call in danger is not ended by it."""
        before, order = self.state, StaffOrdered(f"c1-{number}", deed, "Dr. Chen")
        was_obeyed, in_danger = dialog.obeyed(before, order), dialog.glance(before).in_danger
        self.take(order)
        done = dialog.obeyed(self.state, order) and not was_obeyed
        assert bool(self.decision.say) is done
        assert not (done and in_danger and deed is StaffDeed.END)

    @rule(unheard=st.booleans())
    def comes_back(self, unheard: bool) -> None:
        self.take(CallStarted(resumed=True, unheard=unheard))

    @rule(number=st.sampled_from(("c2", "c3")))
    def is_cut_off_and_rings_back(self, number: str) -> None:
        """Nothing is inherited but what may be offered; identity begins anew."""
        self.take(HungUp())
        self.open, kept = [], self.state.kept
        self.context = replace(self.context, patient=None)
        self.state = dialog.start(number, kept)
        self.decision = Decision(self.state)
        self.take(CallStarted())
        assert (self.state.identity, self.state.patient_id) == (IdentityLevel.L0, "")
        assert dict(self.state.slots) == {}

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def takes_long(self, data: st.DataObject) -> None:
        action = data.draw(st.sampled_from(self.open))
        self.take(Waiting(action.action_id))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def outcome(self, data: st.DataObject) -> None:
        action = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.answer(action, data.draw(st.integers(0, 5)))

    def answer(self, action: Action, which: int) -> None:
        results = self.results(action)
        result = results[which % len(results)]
        if isinstance(result, IdentityVerified):
            self.context = replace(self.context, patient=self.backend.patient)
        if result is not None:
            self.take(Outcome(action.action_id, result))

    def results(self, action: Action) -> list[Any]:
        likely = self.backend.answer(action)
        more: list[Any] = [likely, likely, ActionFailed("x")]
        if isinstance(action, VerifyIdentity):
            more += [IdentityRefused(), IdentityRefused(locked=True)]
        opening = getattr(action, "opening_id", "")
        more += [OpeningGone(opening)] if opening else []
        return more + ([OpeningsFound(())] if isinstance(likely, OpeningsFound) else [])

    @invariant()
    def survives_storage(self) -> None:
        if hasattr(self, "state"):
            assert dialog.from_json(json.loads(json.dumps(dialog.to_json(self.state)))) == self.state

    @invariant()
    def a_person_is_one_turn_away(self) -> None:
        for event in (REPRESENTATIVE, Keys("0")) if hasattr(self, "state") else ():
            after = dialog.decide(self.state, event, self.context)
            moved = any(isinstance(action, TransferCall) for action in after.actions)
            on_the_way = moved or any(n.endswith(".transfer") for n in after.state.pending.values())
            on_the_way = on_the_way or after.state.known.get("with_person") is True
            if self.context.practice.staff_available:
                assert on_the_way, after
            else:
                ordered = any(isinstance(action, OpenTask) for action in after.actions)
                called_back = ordered or after.state.known.get("call_back_left")
                message = after.state.flow == "message" or called_back
                assert on_the_way or message or after.state.known.get("danger") in DANGER, after

    @invariant()
    def what_a_cut_off_caller_hears_at_once_begins_the_reply(self) -> None:
        if hasattr(self, "state") and dialog.says_so_at_once(self.state):
            for unheard in (False, True):
                after = dialog.decide(self.state, CallStarted(resumed=True, unheard=unheard), self.context)
                assert after.say[0] == Sentence(dialog.RESUMED, fixed=True), after.say

    @invariant()
    def danger_wins(self) -> None:
        if not hasattr(self, "state") or self.state.known.get("with_person"):
            return
        if "RF01" in {flag.red_flag_id for flag in self.state.red_flags}:
            return
        after = dialog.decide(self.state, CHEST_PAIN, self.context)
        assert after.state.disposition is Disposition.ESCALATED
        assert after.state.phase is Phase.HANDOFF
        assert sentence(Code.D0) in [said.text for said in after.say]
        assert any(isinstance(action, PageStaff) for action in after.actions)
        tasks = [action.kind for action in after.actions if isinstance(action, OpenTask)]
        assert TaskKind.RED_FLAG_911 in tasks


TestCaller = Caller.TestCase
TestCaller.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
