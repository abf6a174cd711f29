"""Whether somebody can be reached: our own number, the contacts, and the hours in which nobody is on call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agent import settings as settings_module
from agent.doctor.findings import Finding, fail, ok, warn
from agent.doctor.stored import practice_that_counts
from agent.mailing import check_smtp_url
from agent.settings import Settings
from agent.whom_to_reach import front_desk
from agent.whom_to_reach import own_number as number_of
from backends.on_call import Channel
from backends.practice import Practice
from telephony.config import E164

DAYS = 14
MOST_SHOWN = 3
TEXTED = "+1"  # telephony/rest.py sends texts to no other numbers
ON_CALL_FIX = (
    "Give somebody these times: On call in the console's settings, or [[on_call]]; docs/operate.md shows how."
)


def own_number(chosen: Settings) -> Iterator[Finding]:
    """What our own calls and texts come from."""
    check, number = "own number", chosen.twilio_number
    if number and not E164.fullmatch(number):
        yield fail(check, "TWILIO_NUMBER is not E.164", "Write it as +16175550100.")
    elif number:
        yield ok(check, "TWILIO_NUMBER has the right form")
    else:
        yield ok(check, "that of the practice's first line")


def on_call(chosen: Settings) -> Iterator[Finding]:
    """Contacts, the numbers that may be dialled, and the gaps of the coming two weeks."""
    check, practice = "people on call", practice_that_counts(chosen)
    if not practice.on_call.shifts:
        yield warn(check, "nobody is ever on call: at night a danger is paged to no one", ON_CALL_FIX)
        return
    yield from _contacts(chosen, practice)
    gaps = list(practice.gaps(settings_module.clock_of(chosen)(), DAYS))
    if gaps:
        shown = "; ".join(_span(practice, *gap) for gap in gaps[:MOST_SHOWN])
        more = f" and {len(gaps) - MOST_SHOWN} more" if len(gaps) > MOST_SHOWN else ""
        yield warn(check, f"nobody {shown}{more}", ON_CALL_FIX)
    else:
        yield ok(check, f"somebody at every hour of the next {DAYS} days")


def pages(chosen: Settings) -> Iterator[Finding]:
    """By what a page goes out."""
    check, practice = "pages", practice_that_counts(chosen)
    wants_mail = any(Channel.EMAIL in each.channels for each in practice.on_call.contacts)
    if chosen.smtp_url:
        check_smtp_url(chosen.smtp_url)
    elif wants_mail:
        fix = "Set FIRSTRING_SMTP_URL, or take the channel email from the contacts."
        yield warn(check, "contacts want e-mail, and SMTP_URL is not set", fix)
        return
    by = "text, call and e-mail" if chosen.smtp_url else "text and call"
    yield ok(check, f"by {by}, the next step after {chosen.page_step_s} s")


def _contacts(chosen: Settings, practice: Practice) -> Iterator[Finding]:
    check = "contacts"
    abroad = [
        each.name for each in practice.on_call.contacts if each.phone and not each.phone.startswith(TEXTED)
    ]
    ours = {number_of(chosen, practice), *(line.number for line in practice.lines)} - {
        front_desk(chosen, practice)
    }
    circles = [each.name for each in practice.on_call.contacts if each.phone in ours]
    if circles:
        fix = "Give them a telephone of their own: a call to one of your lines comes back to Firstring."
        yield fail(check, f"{len(circles)} with the number of a line of the practice", fix)
    elif abroad:
        yield warn(
            check, f"{len(abroad)} with a number outside +1, which is never texted", "Add a channel call."
        )
    else:
        yield ok(check, f"{len(practice.on_call.contacts)}, with numbers that may be dialled and texted")


def _span(practice: Practice, begins: datetime, ends: datetime) -> str:
    here = [each.astimezone(practice.zone) for each in (begins, ends)]
    return f"from {here[0]:%a %d %b %H:%M} to {here[1]:%a %d %b %H:%M}"
