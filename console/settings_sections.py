"""The pages of the practice's settings: their fields, in the words of who runs a front desk.

Names of groups and fields are those of ``practice.toml`` (docs/operate.md).
"""

from __future__ import annotations

from collections.abc import Sequence

from console.settings_fields import Field, Group, Kind, Section, choices

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDING = "wording"
DANGER_PHRASES = "danger_phrases"
_SPOKEN = Field("spoken", "How callers say it", Kind.LINES, "One way on each line.")
_BY = (("text", "Text message"), ("call", "Call"), ("email", "E-mail"))
_TAKES = (("urgent", "Dangers and what is urgent"), ("any", "Every call"))

HOURS = Section(
    "hours",
    "Hours and closures",
    "When somebody is there. Outside these hours callers hear that the office is closed.",
    (
        Group(
            "hours",
            "Weekly hours",
            tuple(Field(day, day.capitalize(), Kind.SPANS, spans=3) for day in WEEKDAYS),
            repeated=False,
            hint="In practice time. A day without times is closed.",
        ),
        Group(
            "closures",
            "Days on which the practice is closed",
            (
                Field("date", "Date", Kind.DATE),
                Field("reason", "Reason, as callers hear it", hint="Christmas Day"),
            ),
            one="closed day",
            identity="date",
            spare=3,
            folded=False,
        ),
    ),
    after="On a closed day no opening is offered. New hours make no openings: publish them in the schedule.",
)
OFFICE = Section(
    "office",
    "Office information",
    "What anybody who asks is told, word for word. A question that nothing here answers goes to staff.",
    (
        Group(
            "practice",
            "Where you are",
            (Field("address", "Address"),),
            repeated=False,
        ),
        Group(
            "office_info",
            "Answers",
            (
                Field("topic", "Topic", hint="One word, or several joined by hyphens: lab-preparation"),
                Field("answer", "Answer, as callers hear it", Kind.LONG, "One or two sentences."),
                Field(
                    "spoken",
                    "Words by which callers ask for it",
                    Kind.LINES,
                    "One way on each line: the words of the question in their order, such as take insurance.",
                ),
            ),
            one="answer",
            identity="topic",
        ),
    ),
)
ON_CALL = Section(
    "on-call",
    "On call",
    "Who is reached when it cannot wait. Only these numbers and the practice’s own are ever dialled.",
    (
        Group(
            "contacts",
            "People",
            (
                Field("name", "Name"),
                Field("phone", "Telephone", Kind.PHONE, "Such as +16175550100."),
                Field("email", "E-mail", Kind.EMAIL),
                Field("channels", "Reached by, in this order", Kind.ORDER, options=_BY),
            ),
            one="person",
            identity="name",
            hint="Who gets another name here needs it in the schedule below too.",
        ),
        Group(
            "on_call",
            "Schedule",
            (
                Field("who", "Who", hint="A name from above."),
                Field("order", "Tried as number", Kind.NUMBER, default=1),
                Field("takes", "Takes", Kind.CHOICE, options=_TAKES, default="urgent"),
                Field("weekdays", "Weekdays", Kind.DAYS, "None chosen: every day.", choices(WEEKDAYS)),
                Field(
                    "times",
                    "Times",
                    Kind.SPANS,
                    "None: all day. A time over midnight belongs to the day it begins.",
                ),
                Field("dates", "On these dates only", Kind.LINES, "One on each line, such as 2026-12-25."),
            ),
            one="shift",
            identity="who",
        ),
    ),
)
PROVIDERS = Section(
    "providers",
    "Providers and pharmacies",
    "Whom callers can see, and where prescriptions go.",
    (
        Group(
            "providers",
            "Providers",
            (
                Field("name", "Name, as callers hear it", hint="Doctor Chen"),
                Field("given", "First name"),
                Field("family", "Last name"),
                Field("id", "Id in the chart", hint="Never changes; letters, digits, hyphens: dr-chen"),
                Field(
                    "weekdays",
                    "Works on",
                    Kind.DAYS,
                    "None chosen: whenever the practice is open.",
                    choices(WEEKDAYS),
                ),
                _SPOKEN,
            ),
            one="provider",
            identity="id",
        ),
        Group(
            "pharmacies",
            "Pharmacies",
            (
                Field("name", "Name"),
                Field("id", "Id in the chart", hint="Never changes: main-street-pharmacy"),
                Field("phone", "Telephone", Kind.PHONE),
                Field("street", "Street"),
                _SPOKEN,
            ),
            one="pharmacy",
            identity="id",
        ),
    ),
    after="A new name is understood at once by the words given here; speech-to-text learns it at a restart.",
)
VISITS = Section(
    "visits",
    "Visit types",
    "What can be booked, and the rules of booking.",
    (
        Group(
            "scheduling",
            "Rules",
            (
                Field("accepts_new_patients", "New patients are taken", Kind.FLAG, default=True),
                Field("licensed_states", "States for video visits", Kind.LINES, "One on each line."),
                Field("late_limit_min", "Minutes late that are still seen", Kind.NUMBER, default=15),
                Field("cancel_notice_h", "Hours of notice to cancel", Kind.NUMBER, default=24),
                Field("cancel_policy", "What callers hear who cancel late", Kind.LONG, "One sentence."),
            ),
            repeated=False,
        ),
        Group(
            "visit_types",
            "Visit types",
            (
                Field("name", "Name, as callers hear it", hint="annual physical"),
                Field("code", "Code", hint="Never changes: annual-physical"),
                Field("minutes", "Minutes", Kind.NUMBER),
                Field("lead_min", "Least notice, in minutes", Kind.NUMBER, default=120),
                Field("horizon_days", "Days ahead at most", Kind.NUMBER, default=60),
                Field("preparation", "What callers hear after booking", Kind.LONG, "One sentence."),
                Field("staff_only", "Only staff book it", Kind.FLAG),
                Field("new_patients", "For new patients", Kind.FLAG),
                Field("screened", "The danger question comes first", Kind.FLAG),
                Field("video", "By video", Kind.FLAG),
                Field("after_hospital", "After a hospital stay", Kind.FLAG),
                _SPOKEN,
            ),
            one="visit type",
            identity="code",
        ),
    ),
)


def wording(signs: Sequence[tuple[str, str]]) -> Section:
    """``signs``: ids and names of the danger signs that phrases may be added to."""
    return Section(
        WORDING,
        "Wording",
        "The practice’s own sentences. What law and safety prescribe is said in any case.",
        (
            Group(
                "practice",
                "At the end of a call",
                (Field("ask_satisfaction", "Ask how the call was, from 1 to 5", Kind.FLAG, default=True),),
                repeated=False,
            ),
            Group(
                "lines",
                "Greetings",
                (
                    Field("name", "Line", Kind.FIXED),
                    Field("greeting", "Said after the practice’s name", hint="One sentence; empty for none."),
                ),
                one="line",
                identity="name",
                folded=False,
                fixed=True,
            ),
            Group(
                DANGER_PHRASES,
                "Danger phrases of your own callers",
                tuple(Field(sign, f"{sign}: {name}", Kind.LINES) for sign, name in signs),
                repeated=False,
                hint="One on each line. They are heard beside the built-in ones, which stay. "
                "Only a clinician may take one away again.",
            ),
        ),
        after="Answers stand under Office information, preparations under Visit types, by the same rules.",
    )


def sections(signs: Sequence[tuple[str, str]]) -> tuple[Section, ...]:
    return (HOURS, OFFICE, ON_CALL, PROVIDERS, VISITS, wording(signs))
