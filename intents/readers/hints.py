"""What callers say of visits and openings beside values: "something later", "neither", "I'm running late"."""

from __future__ import annotations

from collections.abc import Mapping

from intents.readers.hearing import all_heard
from models.domain import Hint
from words.patterns import Pattern, find, patterns

_TABLES: Mapping[Hint, tuple[Pattern, ...]] = {
    hint: patterns(listed)
    for hint, listed in (
        (Hint.EARLIER, "earlier/sooner|too late|too far off/out/away"),
        (Hint.LATER, "later|too early/soon"),
        (Hint.NAMED_ONE, "earlier/later/sooner one/appointment/time/slot/opening"),
        (Hint.NEW_ONE, "any/anything/something/nothing/an/a"),
        (Hint.IN_THE_DAY, "earlier/later on? in/that the? day/morning/afternoon"),
        (Hint.OTHER_DAY, "another/different/other day/date/week/days/dates/weeks"),
        (Hint.OTHER_TIME, "another/different/other time/hour/times/hours"),
        (
            Hint.OTHERS,
            "neither/none/nothing/different|no good|something/anything/what else"
            "|other day/time/option/days/times/options|another day/time/one|more options/times/openings",
        ),
        (
            Hint.IF_SOONEST,
            "is/are that/this/it/those/these really? the/your very? earliest/soonest/first/next",
        ),
        (Hint.HAVE_YOU, "have/got/offer|is/are there|give me"),
        (
            Hint.SOONEST,
            "first/next available|as soon as|soonest/earliest/asap|right away|sooner/earlier the better"
            "|first thing/one/opening/slot/appointment/time that? you've/you_have/you_got/you_can/they_have"
            "/available/open|whatever/what/whichever you've/you_have/is/comes got/open/available? first",
        ),
        (Hint.ANY_TIME, "any time/day|anytime/whenever/whatever|doesn't matter|don't care"),
        (Hint.ONLY, "only|has/have/needs to be|must be"),
        (Hint.THE_DAY, "day/date/time/hour/when/week"),
        (Hint.THE_DOCTOR, "doctor/provider/anyone|someone else"),
        (
            Hint.OWN_VISIT,
            "my/a/an/existing/current/the_other .? appointment/appt/visit/checkup/check_up"
            "|already|on file|on the books",
        ),
        (
            Hint.LATE,
            "not/n't/cannot/never/don't_think_i'll/unable_to going_to/gonna/be_able_to/be* "
            "make_it/get_there/be_there/arrive/there on/in/won/one? time"
            "|running .? .? minutes/minute"
            "|running/going_to_be/gonna_be/i'll_be/i_will_be/i'm a/an? .? minute/minutes? late/behind",
        ),
    )
}
_NOT_THESE = patterns("neither/none of_those/of_them/of_these/of_the_two?")
_CLAUSE_ENDS = ".,!;?"
# Who is late and speaks of these wants something else: "my period is late", "cancel, I'm running late".
_NOT_LATE = patterns("cancel/move/reschedule/refill/bill/payment/period/fee|another day/time")


def read_hints(text: str) -> tuple[Hint, ...]:
    """All hints of a sentence, in the order of their enumeration."""
    found = all_heard(text)
    words = [token.text.removesuffix("'s") for token in found]
    hints = {hint for hint, table in _TABLES.items() if find(words, table)}
    if Hint.LATE in hints and find(words, _NOT_LATE):
        hints.discard(Hint.LATE)
    refused = find(words, _NOT_THESE)
    if refused and text[found[refused[1] - 1].end :].lstrip()[:1] in ("", *_CLAUSE_ENDS):
        hints.add(Hint.NOT_THESE)
    return tuple(hint for hint in Hint if hint in hints)
