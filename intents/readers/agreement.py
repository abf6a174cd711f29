"""A yes or a no in free words: "that is great", "I can make that", "go ahead and book it", "I'm busy then".

A small grammar instead of a list: what is spoken of, how it stands, what is thought of it. Words that might
as well tell of something else ("looks good", "I'm busy") count only as the answer to a proposal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from words.tokens import Phrases, holds_any, longest_at, phrases, word_at, word_set

PROPOSALS = phrases(
    "shall i|shall we|should i|would you like|do you want|is that right|is that correct|does that work"
    "|can i|may i"
)
_REACH = 12  # words within which an agreement is told
_ENDINGS = {"s": "is", "ll": "will", "d": "would", "m": "am", "re": "are", "ve": "have"}
_I = word_set("i we")
_IT = phrases(
    "that|it|this|that one|this one|that time|this time|that day|that date|that slot|that appointment"
    "|that opening|the time|the day|all of that|that all|it all|all that"
)
_IS = phrases("is|would be|will be|should be|sounds|sounds like|works out|would work out")
_SOUNDS = phrases("sounds|sounds like|works out|would be|will be")
_SEEMS = phrases("looks|seems|feels")  # of a wound, too
_VERY = word_set("very so really just quite all pretty absolutely totally perfectly actually fairly a the")
_GOOD = word_set(
    "good great fine perfect wonderful lovely okay ok right correct ideal nice excellent super awesome "
    "fantastic alright brilliant splendid terrific marvelous amazing fabulous convenient acceptable doable "
    "best better workable suitable fair beautiful"
)
_NOT_RIGHT = word_set("here now away there after before at when around by")  # "that is right after lunch"
_WORKS = phrases(
    "works|fits|suits me|will work|would work|should work|can work|will do|would do|should do|will fit"
    "|would fit|will suit|would suit|should suit|will have to do|would have to do|would help"
    "|will be me|would be me|will be him|would be him|will be her|would be her"
)
_TAKE = phrases(
    "can do|can make|could do|could make|will do|will take|would take|can take|will have|will go with"
    "|would like|would love|would appreciate|am good with|am fine with|am okay with|am ok with"
    "|am happy with|are good with|are fine with|are okay with|are ok with|are happy with|will accept|want"
)
_WANTED = phrases(
    "|".join(
        f"{what} i {wish}"
        for what in ("what", "the one", "exactly what", "just what")
        for wish in ("want", "wanted", "need", "needed", "meant", "said", "asked for")
    )
)
_POLITELY = word_set("please just then yes ok okay so also and")
_THINKING = phrases(
    "i think|i guess|i suppose|i believe|i reckon|i would say|i am sure|i think that yes|i am pretty sure"
)
_LEADS = phrases(
    "go ahead and|you can|you may|can you|could you|would you|will you|let's|let us|we can|go on and|i'd say"
)
_DO = word_set("book schedule reserve confirm arrange")  # what is proposed, said back
_OBJECTS = phrases(
    "it|that|that one|this one|the appointment|that appointment|this|that time|that slot|me in"
)
_FOR_ME = phrases(
    "sign me up|put me down|put me in|count me in|lock it in|lock that in|pencil me in|set it up|set that up"
    "|make the appointment|make that appointment|take it|take that|take that one|keep it|keep that"
    "|book me|schedule me in|fit me in|i confirm"
)
_ONWARD = phrases("go right ahead|go on ahead|very well|right on|sure thing|do so|confirm|confirmed")
_OTHERWISE = word_set("instead later earlier sooner not another different other but")
_AFTER_PRAISE = word_set("please thank thanks you so much very sir ma'am then too dear by with for me us")
_BUSY = phrases(
    "busy|working|away|unavailable|booked|booked up|tied up|at work|out of town|not free|not available"
    "|traveling|on vacation|at school|gone"
)
_HAVE = phrases("have|have got|got|already have|have already got")
_ELSEWHERE = phrases(
    "work|to work|school|class|classes|a meeting|meetings|plans|another appointment|something else"
    "|something on|an exam|other plans|a conflict|jury duty|to be somewhere|to be at work"
)
_THEN = word_set("then that at on during unfortunately already sorry all")
_TOO = phrases(
    "|".join(
        f"{how}too {what}"
        for how in ("", "a bit ", "a little ", "way ", "much ", "just ", "kind of ", "far ")
        for what in ("early", "late", "soon", "far", "long")
    )
)

Words = Sequence[str]


def proposes(asked: str) -> bool:
    """Whether a question offers to do something, so that praise of it is a yes."""
    said = asked.lower().translate(str.maketrans("?.,!", "    ")).split()
    return holds_any(said, PROPOSALS)


def agreed(words: Words, at: int, *, to_proposal: bool) -> int:
    """Number of words of an agreement that begins at a place, 0 for none."""
    return _longest(words, at, (*_ALWAYS, *_TO_PROPOSALS) if to_proposal else _ALWAYS)


def declined(words: Words, at: int) -> int:
    """The same for a reason that turns a proposal down: "I'm busy then", "that's too early"."""
    return _longest(words, at, (_is_busy, _is_too))


def _longest(words: Words, at: int, forms: Sequence[Callable[[Words], int]]) -> int:
    said, sizes = _spelled_out(words[at : at + _REACH])
    lead = longest_at(said, 0, _THINKING)
    after = max((form(said[lead:]) for form in forms), default=0)
    return sizes[lead + after - 1] if after else 0


def _spelled_out(words: Words) -> tuple[list[str], list[int]]:
    """ "That's" is "that is"; with each word, how many of the caller's it ends."""
    said: list[str] = []
    sizes: list[int] = []
    for number, word in enumerate(words, start=1):
        stem, _, ending = word.partition("'")
        spelled = [stem, _ENDINGS[ending]] if ending in _ENDINGS and stem != "let" else [word]
        said += spelled
        sizes += [number] * len(spelled)
    return said, sizes


# --------------------------------------------------------------------------- agreement
# Each form: how many spelled-out words it takes from the beginning, 0 where it is not there.


def _is_good(said: Words) -> int:
    return _praised(said, _IT, _IS)


def _seems_good(said: Words) -> int:
    return _praised(said, _IT, _SEEMS) or _praise_at(said, longest_at(said, 0, _SEEMS))


def _praised(said: Words, subjects: Phrases, verbs: Phrases) -> int:
    subject = longest_at(said, 0, subjects)
    verb = longest_at(said, subject, verbs) if subject else 0
    return _praise_at(said, subject + verb) if verb else 0


def _praise_at(said: Words, at: int) -> int:
    if not at:
        return 0
    while word_at(said, at) in _VERY:
        at += 1
    is_good = word_at(said, at) in _GOOD
    return at + 1 if is_good and not (said[at] == "right" and word_at(said, at + 1) in _NOT_RIGHT) else 0


def _works(said: Words) -> int:
    subject = longest_at(said, 0, _IT)
    verb = longest_at(said, subject, _WORKS) if subject else 0
    return subject + verb if verb else 0


def _sounds(said: Words) -> int:
    """ "Sounds doable", "works out great"."""
    return _praise_at(said, longest_at(said, 0, _SOUNDS))


def _will_take(said: Words) -> int:
    verb = longest_at(said, 1, _TAKE) if word_at(said, 0) in _I else 0
    what = longest_at(said, 1 + verb, _IT) if verb else 0
    return 1 + verb + what if what else 0


def _is_wanted(said: Words) -> int:
    subject = longest_at(said, 0, _IT)
    verb = 1 if subject and word_at(said, subject) == "is" else 0
    what = longest_at(said, subject + 1, _WANTED) if verb else 0
    return subject + 1 + what if what else 0


def _bare_praise(said: Words) -> int:
    """ "Lovely, thank you", "fine by me"; "nice weather today" praises something else."""
    at = 0
    while word_at(said, at) in _VERY and at < len(said):
        at += 1
    praised = word_at(said, at) in _GOOD or word_at(said, at) == "works"
    return at + 1 if praised and (at + 1 == len(said) or said[at + 1] in _AFTER_PRAISE) else 0


def _onward(said: Words) -> int:
    at = _past_politeness(said, 0)
    size = longest_at(said, at, _ONWARD)
    is_all = size and (at + size == len(said) or said[at + size] in _AFTER_PRAISE)
    return at + size if is_all else 0


def _ordered(said: Words) -> int:
    """ "Please go ahead and book it", "sign me up"; "book it for later instead" orders something else."""
    at = _past_politeness(said, 0)
    at = _past_politeness(said, at + longest_at(said, at, _LEADS))
    if word_at(said, at) in _DO:
        what = longest_at(said, at + 1, _OBJECTS)
        return _ends(said, at + 1 + what) if what else 0
    what = longest_at(said, at, _FOR_ME)
    return _ends(said, at + what) if what else 0


def _past_politeness(said: Words, at: int) -> int:
    while word_at(said, at) in _POLITELY and at < len(said):
        at += 1
    return at


def _ends(said: Words, at: int) -> int:
    return at if at and not _OTHERWISE & set(said[at:]) else 0


_ALWAYS = (_is_good, _works, _will_take, _is_wanted)
_TO_PROPOSALS = (_seems_good, _sounds, _bare_praise, _onward, _ordered)


# --------------------------------------------------------------------------- refusal


def _is_busy(said: Words) -> int:
    """ "I'm busy then", "I have work that day": where nothing is said against it."""
    if word_at(said, 0) not in _I or "but" in said:
        return 0
    verb = 1 if word_at(said, 1) in ("am", "are") else longest_at(said, 1, _HAVE)
    what = longest_at(said, 1 + verb, _BUSY if verb == 1 and said[1] in ("am", "are") else _ELSEWHERE)
    after = 1 + verb + what
    return after if verb and what and (after == len(said) or said[after] in _THEN) else 0


def _is_too(said: Words) -> int:
    subject = longest_at(said, 0, _IT)
    verb = longest_at(said, subject, _IS) if subject else 0
    much = longest_at(said, subject + verb, _TOO) if verb else 0
    return subject + verb + much if much else 0
