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
    OpeningGone,
    OpeningsFound,
    OpenTask,
    Outcome,
    PageStaff,
    Phase,
    RequestRefill,
    TaskKind,
    Transcript,
    TransferCall,
    Understanding,
    VerifyIdentity,
    Waiting,
)
from tests.dialog.calls import NO, NOW, PRACTICE, YES, Backend, meaning

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
KEYS = ("1", "2", "5", "03051981", "12345", "5550107777", "#")


def _is_yes(event: Event) -> bool:
    if isinstance(event, Keys):
        return event.digits == "1"
    entity = event.understanding.entities.get("yes_no") if isinstance(event, Heard) else None
    return entity is not None and entity.value is True


class Caller(RuleBasedStateMachine):
    """Any events in any order; every outcome an action can have."""

    context: Context
    state: dialog.DialogState

    @initialize(staff=st.booleans(), number=st.sampled_from(("+15550107777", "")))
    def rings(self, staff: bool, number: str) -> None:
        self.context = Context(NOW, replace(PRACTICE, staff_available=staff), caller_number=number)
        self.state = dialog.start("c1")
        self.decision: Decision[dialog.DialogState] = Decision(self.state)
        self.open: list[Action] = []
        self.backend = Backend()
        self.take(CallStarted())

    def take(self, event: Event) -> None:
        before, last = self.state, self.decision
        self.decision = dialog.decide(before, event, self.context)
        self.state = self.decision.state
        self.open += self.decision.actions
        assert self.state.phase is before.phase or self.state.phase in MAY_FOLLOW[before.phase]
        self.check_speech(event, last)
        for action in self.decision.actions:
            if isinstance(action, ACTS):
                assert _is_yes(event), (event, action)
                assert last.expectation.asked.endswith(CONFIRMATIONS), last.expectation.asked

    def check_speech(self, event: Event, last: Decision[dialog.DialogState]) -> None:
        said = " ".join(sentence.text for sentence in self.decision.say)
        for chart_only in ("metformin", "glucophage", "MG", "500", "10 mg"):
            assert chart_only not in said
        in_order = self.state.phase is not Phase.CLOSING and "911" not in said
        if in_order and not isinstance(event, CallStarted):
            assert said.count("?") <= 1, said
            assert len(self.decision.say) <= 5, said
        if isinstance(event, NoInput) and isinstance(self.last_event, NoInput):
            assert {s.text for s in last.say}.isdisjoint({s.text for s in self.decision.say}), said
        self.last_event = event

    last_event: Event | None = None

    @rule(heard=st.sampled_from(SENTENCES))
    def says(self, heard: Understanding) -> None:
        self.take(Heard(heard))

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
                message = after.state.flow == "message"
                assert on_the_way or message or after.state.known.get("danger") in DANGER, after

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
