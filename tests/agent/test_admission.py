"""Whether one more call is taken: by latency as it is measured, with a clock that the test turns."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from agent import admission
from agent.admission import Admission, Limits, Refusal

LIGHT = 0.001  # of a core, a call


class Machine:
    """A process with some calls on the line; ``passes`` lets it look at itself, four times a second."""

    def __init__(self, limits: Limits | None = None, live: int = 10, cost: float = LIGHT) -> None:
        self.now_s = 100.0
        self.live, self.cost, self.lag_ms = live, cost, 1.0
        self.admission = Admission(limits, lambda: self.now_s)

    def passes(self, seconds: float, replies_ms: float | None = None) -> None:
        """With a reply a second, that late."""
        for look in range(round(seconds * 4)):
            self.now_s += 0.25
            if replies_ms is not None and look % 4 == 0:
                self.admission.replied(replies_ms)
            self.admission.looked(self.live, self.lag_ms, self.live * self.cost)

    def refusal(self) -> Refusal | None:
        return self.admission.refusal(self.live)


def test_a_quiet_process_takes_a_call() -> None:
    machine = Machine()
    machine.passes(30, replies_ms=700)
    assert machine.refusal() is None


def test_late_replies_close_the_door() -> None:
    machine = Machine()
    machine.passes(3, replies_ms=1_600)
    assert machine.refusal() is Refusal.LATENCY


def test_one_late_reply_or_two_are_an_accident() -> None:
    machine = Machine()
    machine.passes(2, replies_ms=9_000)
    machine.passes(10, replies_ms=700)
    assert machine.refusal() is None


def test_a_few_late_among_many_are_within_the_promise() -> None:
    """The limit is one for the 95th percentile."""
    machine = Machine()
    for _ in range(97):
        machine.admission.replied(700)
    for _ in range(3):
        machine.admission.replied(1_600)
    machine.passes(1)
    assert machine.refusal() is None


def test_a_loop_that_is_held_up_closes_the_door_before_any_reply_is_late() -> None:
    machine = Machine()
    machine.lag_ms = 150
    machine.passes(1)
    assert machine.refusal() is Refusal.LATENCY


def test_the_door_opens_once_all_has_been_well_for_a_while_and_not_before() -> None:
    machine = Machine()
    machine.passes(3, replies_ms=1_600)
    machine.live = 5
    machine.passes(admission.WINDOW_S)
    assert machine.refusal() is Refusal.LATENCY, "the late replies have only just left the window"
    machine.passes(admission.CALM_S)
    assert machine.refusal() is None


def test_just_below_the_limit_it_stays_closed() -> None:
    """Else it would open and close all the time."""
    machine = Machine()
    machine.passes(3, replies_ms=1_600)
    machine.live = 5
    machine.passes(60, replies_ms=1_400)
    assert machine.refusal() is Refusal.LATENCY


def test_it_neither_flaps_nor_forgets_while_twice_as_many_call_as_it_can_serve() -> None:
    """Latency breaks beyond twenty calls; two calls end a second, four come. Five minutes."""
    machine, turns, over = Machine(live=0), list[bool](), 0
    for second in range(300):
        machine.live -= min(machine.live, 2 if second > 10 else 0)
        for _ in range(4):
            machine.live += machine.refusal() is None
        machine.passes(1, replies_ms=2_000 if machine.live > 20 else 800)
        turns.append(machine.admission.is_open)
        over += machine.live > 20
    changes = sum(one != next_one for one, next_one in itertools.pairwise(turns))
    assert changes <= 10, "a change in half a minute at the most"
    assert over <= 30, "a tenth of the time"
    assert machine.live >= 10, "and it is not idle either"


def test_latency_that_broke_leaves_a_ceiling_that_rises_slowly() -> None:
    machine = Machine(live=20)
    machine.passes(3, replies_ms=1_600)
    machine.live = 17
    machine.passes(30)
    assert machine.refusal() is None
    machine.live = 18
    assert machine.refusal() is Refusal.CEILING, "nine tenths of the calls at which it broke"
    machine.passes(admission.CEILING_RESTS_S)
    assert machine.refusal() is None, "it has risen by a call or two"
    machine.live = 22
    assert machine.refusal() is Refusal.CEILING


def test_a_loop_held_up_with_hardly_a_call_on_the_line_teaches_no_ceiling() -> None:
    """A process that has just started, a machine that slept: no call did that."""
    machine = Machine(live=1)
    machine.lag_ms = 500
    machine.passes(3)
    assert machine.refusal() is Refusal.LATENCY
    machine.lag_ms = 1
    machine.passes(admission.CALM_S + 3)
    machine.live = 5
    assert machine.refusal() is None


def test_a_number_of_the_operators_own_holds_whatever_else_is_well() -> None:
    machine = Machine(Limits(most_calls=10))
    machine.passes(10, replies_ms=300)
    assert machine.refusal() is Refusal.MOST_CALLS
    machine.live = 9
    assert machine.refusal() is None


def test_what_a_call_costs_is_measured_and_tells_how_many_there_may_be() -> None:
    machine = Machine(live=20, cost=0.03)
    machine.passes(120)
    assert machine.admission.most == pytest.approx(18, abs=1), "of 55 % of a core, 3 % for each"
    machine.live = 19
    assert machine.refusal() is Refusal.PROCESSOR


def test_calls_answered_a_moment_ago_count_before_their_streams_are_there() -> None:
    """Many at once must not all be let in because none of them is heard yet."""
    machine = Machine(live=0)
    answered = 0
    while machine.refusal() is None:
        machine.admission.answered(f"CA{answered}")
        answered += 1
    assert answered == int(Limits().busy_share / admission.COST)
    machine.admission.begun("CA0")
    assert machine.refusal() is Refusal.ARRIVALS, "its stream came, and is over"
    machine.live = 1
    assert machine.refusal() is Refusal.PROCESSOR
    machine.now_s += admission.LATELY_S + 1
    assert machine.refusal() is None, "their streams did not come"


def test_the_only_caller_is_never_sent_away() -> None:
    """However slow this machine is: nobody is served better for it."""
    machine = Machine(live=1)
    machine.passes(10, replies_ms=4_000)
    assert machine.refusal() is Refusal.LATENCY
    machine.live = 0
    assert machine.refusal() is None


def test_a_spell_in_which_others_took_the_processor_is_forgotten_with_the_next_few_calls() -> None:
    """The cost of a call is measured with four on the line: if three were all, it would never be again."""
    machine = Machine(live=4, cost=0.25)
    machine.passes(30)
    machine.live, machine.cost = 0, LIGHT
    machine.passes(600)
    for live in range(4):
        machine.live = live
        assert machine.refusal() is None
    machine.live = 4
    machine.passes(60)
    assert machine.admission.most > 10


def test_an_operator_may_have_every_call_answered() -> None:
    machine = Machine(replace(Limits(), turn_away=False, most_calls=1))
    machine.passes(10, replies_ms=4_000)
    assert machine.refusal() is None


def test_what_is_remembered_is_bounded() -> None:
    machine = Machine()
    for number in range(5_000):
        machine.admission.replied(700)
        machine.admission.answered(f"CA{number}")
        machine.now_s += 1
        machine.admission.refusal(1)
    assert len(machine.admission._replies) <= admission.MOST_REPLIES
    assert len(machine.admission._lately) <= admission.LATELY_S + 1


def test_calls_that_end_at_once_and_come_again_and_again_are_a_flood() -> None:
    """Each of them costs as much to begin as a real one."""
    machine = Machine(live=5, cost=0.05)
    machine.passes(300)

    def comes(call_id: str) -> Refusal | None:
        if (refusal := machine.refusal()) is None:
            machine.admission.answered(call_id)
            machine.admission.begun(call_id)
        return refusal

    most = machine.admission.most
    assert most == 11
    assert [comes(f"call {number}") for number in range(most)] == [None] * most
    assert comes("one more") is Refusal.ARRIVALS
    machine.admission.answered("call 0")  # a repeated webhook is no other call
    machine.passes(admission.LATELY_S + 1)
    assert comes("one more") is None


def test_who_comes_while_nobody_is_on_the_line_is_answered_though_many_came_before() -> None:
    machine = Machine(live=0)
    for number in range(1_000):
        machine.now_s += 0.1
        machine.admission.answered(f"call {number}")
        machine.admission.begun(f"call {number}")
    assert machine.refusal() is None
    assert len(machine.admission._lately) <= 10 * admission.LATELY_S + 1, "what is long ago is forgotten"
