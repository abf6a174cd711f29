"""Whether a sentence that sounds like a goodbye is nothing else: only then does it end the call."""

from __future__ import annotations

import re

_SHORT = 4  # words; of a longer sentence every word has to be one of a farewell
_FAREWELL = frozenset(
    "bye goodbye good by night day evening afternoon morning weekend one rest have a an nice great lovely "
    "wonderful thank thanks you so very much for your the my help helping time appreciate okay ok "
    "alright all right well that that's is was will be that'll it everything i i'm i'll i've done set no "
    "am nope nothing else now today tonight tomorrow later soon then see talk speak to call back again take "
    "care and got gotta go get going hang up just need want needed wanted yes yeah yep sure perfect cheers "
    "too as oh um uh bless god ma'am sir let's end this we're we are".split()
)
_BYE_LAST = re.compile(r"\b(bye|good ?bye|good night)( now| then)?\W*$")


def plain(text: str, *, amid: bool = False) -> bool:
    """Whether nothing but a farewell is in the words; a "bye" at the end makes any sentence one.

    ``amid``: something is being arranged, and "I'm busy then" answers its question.
    """
    said = re.findall(r"[a-z0-9']+", text.lower())
    beyond = (amid or len(said) > _SHORT) and not _FAREWELL.issuperset(said)
    return not beyond or bool(_BYE_LAST.search(text.lower()))
