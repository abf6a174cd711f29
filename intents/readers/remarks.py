"""What callers say of visits and openings beside values: "something later", "neither", "I'm running late"."""

from __future__ import annotations

from collections.abc import Mapping

from intents.readers.hearing import all_heard
from models.domain import Remark
from words.patterns import Pattern, find, patterns

_TABLES: Mapping[Remark, tuple[Pattern, ...]] = {
    remark: patterns(listed)
    for remark, listed in (
        (Remark.EARLIER, "earlier/sooner|too late|too far off/out/away"),
        (Remark.LATER, "later|too early/soon"),
        (Remark.NAMED_ONE, "earlier/later/sooner one/appointment/time/slot/opening"),
        (Remark.NEW_ONE, "any/anything/something/nothing/an/a"),
        (Remark.IN_THE_DAY, "earlier/later on? in/that the? day/morning/afternoon"),
        (Remark.OTHER_DAY, "another/different/other day/date/week/days/dates/weeks"),
        (Remark.OTHER_TIME, "another/different/other time/hour/times/hours"),
        (
            Remark.OTHERS,
            "neither/none/nothing/different|no good|something/anything/what else"
            "|other day/time/option/days/times/options|another day/time/one|more options/times/openings",
        ),
        (
            Remark.IF_SOONEST,
            "is/are that/this/it/those/these really? the/your very? earliest/soonest/first/next",
        ),
        (Remark.HAVE_YOU, "have/got/offer|is/are there|give me"),
        (Remark.SOONEST, "first/next available|as soon as|soonest/earliest/asap|right away"),
        (Remark.ANY_TIME, "any time/day|anytime/whenever/whatever|doesn't matter|don't care"),
        (Remark.ONLY, "only|has/have/needs to be|must be"),
        (Remark.THE_DAY, "day/date/time/hour/when/week"),
        (Remark.THE_DOCTOR, "doctor/provider/anyone|someone else"),
        (
            Remark.OWN_VISIT,
            "my/a/an/existing/current/the_other .? appointment/appt/visit/checkup/check_up"
            "|already|on file|on the books",
        ),
        (
            Remark.LATE,
            "not/n't/cannot/never/don't_think_i'll/unable_to going_to/gonna/be_able_to/be* "
            "make_it/get_there/be_there/arrive/there on/in time"
            "|running/going_to_be/gonna_be/i'll_be/i_will_be/i'm a/an? .? minute/minutes? late/behind",
        ),
    )
}
_NOT_THESE = patterns("neither/none of_those/of_them/of_these/of_the_two?")
_CLAUSE_ENDS = ".,!;?"
# Who is late and speaks of these wants something else: "my period is late", "cancel, I'm running late".
_NOT_LATE = patterns("cancel/move/reschedule/refill/bill/payment/period/fee|another day/time")


def read_remarks(text: str) -> tuple[Remark, ...]:
    """All remarks of a sentence, in the order of their enumeration."""
    found = all_heard(text)
    words = [token.text.removesuffix("'s") for token in found]
    remarks = {remark for remark, table in _TABLES.items() if find(words, table)}
    if Remark.LATE in remarks and find(words, _NOT_LATE):
        remarks.discard(Remark.LATE)
    refused = find(words, _NOT_THESE)
    if refused and text[found[refused[1] - 1].end :].lstrip()[:1] in ("", *_CLAUSE_ENDS):
        remarks.add(Remark.NOT_THESE)
    return tuple(remark for remark in Remark if remark in remarks)
