"""An opening is on the table: what is asked about it, and what sounds like something else and is about it."""

from __future__ import annotations

import itertools

from models.domain import BookOpening, FindOpenings, Intent
from tests.dialog.calls import Backend, Call, opening

BOOK, MOVE, BYE = Intent.SCHEDULE_BOOK, Intent.SCHEDULE_RESCHEDULE, Intent.GOODBYE
FIRST, SECOND, THIRD = opening(1, 1, 14, 20), opening(2, 3, 9), opening(3, 4, 10, 40)


def offered(*openings: object) -> Call:
    call = Call(Backend(openings=openings or (FIRST, SECOND, THIRD)))  # type: ignore[arg-type]
    call.says("a follow up", BOOK, visit_type="follow-up")
    call.identifies()
    call.says("any time", None)
    return call


def test_whether_it_is_the_earliest_is_looked_up_and_said() -> None:
    call = offered()
    call.says("is that the earliest you have?", MOVE, date_from="2026-11-23")
    call.hears("That's the earliest I have.", "December first", "Shall I book it?")
    call.yes()
    assert [order.opening_id for order in call.ordered_of(BookOpening)] == ["o1"]


def test_an_earlier_one_is_offered_to_who_asks_for_the_earliest() -> None:
    call = offered(SECOND)
    call.backend.openings = (FIRST, SECOND)
    call.says("is that the earliest?", None)
    call.hears("December first at two twenty", "December third")


def test_changing_the_time_of_what_is_read_out_moves_no_visit_on_file() -> None:
    call = offered()
    call.says("the first one", choice="o1")
    call.says("can I change the time", MOVE)
    call.hears("What should I change?")
    call.says("december fourth", date="2026-12-04")
    call.hears("December fourth")
    assert call.state.flow == "book"


def test_my_appointment_is_the_one_on_file() -> None:
    call = offered()
    call.says("I want to move my appointment instead", MOVE)
    assert call.state.flow == "move"


def test_do_they_have_any_time_asks_for_others_without_the_hour() -> None:
    call = offered()
    call.says("two twenty pm on the third", time="16:00", date="2026-12-03")
    call.says("do they have any time?", None, date_from=("any time", 0.8))
    last = call.ordered_of(FindOpenings)[-1]
    assert last.near_time == ""
    assert last.not_openings


def test_any_of_them_will_do_takes_the_first() -> None:
    call = offered()
    call.says("any time is fine", None)
    call.hears("December first", "Shall I book it?")


def test_yes_with_what_it_is_not_takes_it() -> None:
    call = offered(FIRST)
    call.says("that is good, my mornings are busy", Intent.AFFIRM, yes_no=True, not_daypart="morning")
    call.hears("Shall I book it?")


def test_too_early_asks_for_a_later_one() -> None:
    call = offered(FIRST)
    call.backend.openings = (FIRST, SECOND)
    call.says("that's too early", Intent.DENY, yes_no=False)
    call.hears("December third")


def test_an_hour_of_its_own_beside_the_same_time_of_another_visit() -> None:
    call = offered()
    call.says("ten forty, and a second one at the same time", BOOK, time="10:40", same="time")
    last = call.ordered_of(FindOpenings)[-1]
    assert (last.near_time, last.not_openings) == ("10:40", ())


def test_busy_then_is_no_goodbye_while_a_visit_is_arranged() -> None:
    call = offered(FIRST)
    call.says("I'm busy then", BYE)
    assert call.state.flow == "book"
    call.says("okay goodbye", BYE)
    assert call.state.flow == ""


def test_the_same_wish_over_and_over_does_not_have_the_same_openings_read_out_for_ever() -> None:
    """ "Am I down for next week or not?" was taken for a wish of a day, and the two offers went round."""
    call = offered()
    heard = [call.text]
    while "connecting you" not in call.text and len(heard) < 12:
        call.says("no, am I down for next week or not", None, date_from="2026-12-07", date_to="2026-12-11")
        heard.append(call.text)
    assert heard[-1] == "I'm connecting you with our staff now."
    assert len(call.ordered_of(FindOpenings)) == 3  # any time, that week, and on other days
    assert all(one != other for one, other in itertools.pairwise(heard))


def test_another_day_after_the_same_one_twice_is_searched_for() -> None:
    call = offered()
    for day in ("2026-12-03", "2026-12-03", "2026-12-04"):
        call.says("that day", None, date=day, date_from="2026-12-01")
    assert call.ordered_of(FindOpenings)[-1].from_date
