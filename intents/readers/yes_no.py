"""Yes or no, in all the forms people use on a telephone."""

from __future__ import annotations

from models.domain import Entity
from words.tokens import find_phrase, phrases, span, starts_with, tokens, word_set

_UNDECIDED = phrases(
    "i don't know|i do not know|not sure|not certain|no idea|i'm unsure|maybe|perhaps|it depends"
    "|i can't remember|yes and no|i couldn't tell you|could be|i don't remember|i dunno|dunno"
)
_YES_DESPITE_NO = phrases(
    "no problem|no worries|no that's right|no that's correct|no that's fine|no you're right"
    "|no you got it|why not|no doubt|no objection|no that's good|no that works|no that sounds good"
    "|no yeah|no yes|no that's perfect"
)
_NOT_AN_ANSWER = phrases(
    "no one|no matter|right now|right away|right here|good morning|good afternoon|good evening"
)
_NO_FIRST = phrases(
    "no|nope|nah|naw|uh uh|nuh uh|unh unh|mm mm|nuh|negative|never|not|hell no|noo|nay|incorrect|wrong"
    "|that isn't|that's not|that is not|that's wrong|it isn't|it's not|it is not|i'm not|i am not"
    "|i don't|i do not|i didn't|i did not|i haven't|i have not|i wouldn't|i would not|it doesn't"
    "|it does not|yeah no|yes no|neither|don't|do not|none|please don't|i'm afraid not|absolutely not"
    "|definitely not|certainly not|of course not|nothing else|nothing more|nothing new|nothing really"
    "|nothing at all|nothing thanks|nothing thank you|nothing as of now|nothing for now|i disagree"
    "|that is false|that's false|that is incorrect|that's inaccurate"
)
_NO_ANYWHERE = phrases(
    "i don't think so|i do not think so|not really|not at all|that's not right|that is not right"
    "|that's not correct|that is not correct|that's wrong|that is wrong|i'd rather not"
    "|i would rather not|i don't want|i do not want|no thank you|no thanks|none of those|none of them"
    "|none of these|neither one|neither of|by no means|don't do that|not that i know of"
    "|not that i can think of|i can't make|won't work|doesn't work|does not work"
)
_YES_FIRST = phrases(
    "yes|yeah|yep|yup|yea|ya|yah|yessir|uh huh|aha|mhm|mm hmm|mmhmm|mm hm|um hum|um hmm|uhhuh|yes sir"
    "|yes ma'am|correct|right|sure|certainly|absolutely|definitely|affirmative|indeed|exactly|alright"
    "|all right|of course|you bet|you got it|go ahead|please do|sounds good|sounds great|sounds right"
    "|sounds fine|that works|that's right|that is right|that's correct|that is correct|that's me"
    "|that's fine|that is fine|that's good|that'll work|that will work|that'd be|that would be"
    "|that will be|that'll be|that sounds|that's perfect|perfect|works for me|i think so|i guess so"
    "|i believe so|i suppose so|by all means|very good|you are correct|you're right|si|that's the one"
    "|that one is fine|it's right|it's fine|that one|it's correct|do it|book it|let's do it"
    "|let's do that|i'd like that|i would like that|i want that|confirmed|for sure|ok|okay|great"
    "|wonderful|excellent|fine|good|yepp|yeap|it's true|that's true|that is true|i agree|agreed|awesome|cool"
)
# Answers only when they are all that is said.
_YES_ALONE = phrases(
    "i do|i am|i did|i have|i would|i will|it is|it does|that is|that's it|that is it|please|i guess"
    "|i suppose|we do|i can|yes'm|it was|there is|there are"
)
_WEAK = phrases(
    "i guess so|i suppose so|i think so|i believe so|i guess|i suppose|fine|good|ok|okay|aha|great"
)
_OPENERS = word_set("um uh er well oh ah hmm hm so and but the just like let's see a")
_TAILS = word_set("please thank thanks you sir ma'am maam yes yeah dear honey then too so")
_LEAST = 0.3  # a yes taken back in the same breath is no answer
_LONG = 14  # words: in a longer answer a set phrase in the middle is about something else


def read_yes_no(text: str, asked: str = "") -> Entity | None:
    """True or False with its place, or None for anything undecided: "yeah that's right", "no I mean ...".

    ``asked`` is the question before: "no problem" agrees, unless problems were asked about.
    A yes or no must open the answer; set phrases ("I don't think so") count anywhere in a short one.
    """
    found = tuple(token for token in tokens(text) if token.text[0].isalnum())
    words = [token.text for token in found]
    answer = _denied_problem(words, asked) or _answer(words)
    if answer is None:
        return None
    value, certainty, at, size = answer
    if certainty < _LEAST:
        return None
    return Entity(value, span(found, at, at + size), certainty)


def _denied_problem(words: list[str], asked: str) -> tuple[bool, float, int, int] | None:
    """ "No problem", to "Any new problems?": the opposite of what it means elsewhere."""
    at = _start(words)
    if "problem" in asked.lower() and starts_with(words, at, ("no", "problem")):
        return False, 0.9, at, 2
    return None


def _answer(words: list[str]) -> tuple[bool, float, int, int] | None:
    """(value, certainty, first word, number of words)."""
    start = _start(words)
    undecided = any(find_phrase(words, phrase) is not None for phrase in _UNDECIDED)
    if start == len(words) or _longest(words, start, _NOT_AN_ANSWER) or _longest(words, start, _UNDECIDED):
        return None
    doubt = 0.45 if undecided else 0.0
    if size := _longest(words, start, _YES_DESPITE_NO):
        return True, 0.75 - doubt, start, size
    if size := _longest(words, start, _NO_FIRST):
        return False, (0.6 if words[start] in ("yes", "yeah") else 0.95) - doubt, start, size
    return (
        None
        if undecided and not _longest(words, start, _YES_FIRST)
        else _later_no_or_yes(words, start, doubt)
    )


def _later_no_or_yes(words: list[str], start: int, doubt: float) -> tuple[bool, float, int, int] | None:
    if len(words) <= _LONG:
        for phrase in _NO_ANYWHERE:
            at = find_phrase(words, phrase)
            if at is not None:
                return False, 0.85 - doubt, at, len(phrase)
    if size := _longest(words, start, _YES_FIRST):
        return True, _yes_certainty(words, start, size) - doubt, start, size
    size = _longest(words, start, _YES_ALONE)
    if size and set(words[start + size :]) <= _TAILS:
        return True, 0.8, start, size
    return _last_word(words)


def _yes_certainty(words: list[str], start: int, size: int) -> float:
    """Weak yeses are weaker still when more follows: "okay what about Thursday"."""
    if not _longest(words, start, _WEAK):
        return 0.95
    return 0.75 if len(words) - start - size <= 2 else 0.5


def _last_word(words: list[str]) -> tuple[bool, float, int, int] | None:
    """ "I said yes", "the answer is no": a short answer may end with it."""
    if len(words) > 6 or words[-1] not in ("yes", "no", "correct", "yeah", "nope"):
        return None
    return words[-1] not in ("no", "nope"), 0.8, len(words) - 1, 1


def _start(words: list[str]) -> int:
    """Past openers, but "uh huh" and "um hum" are answers."""
    start = 0
    while start < len(words) and words[start] in _OPENERS:
        if _longest(words, start, _YES_FIRST) or _longest(words, start, _NO_FIRST):
            break
        start += 1
    return start


def _longest(words: list[str], at: int, table: tuple[tuple[str, ...], ...]) -> int:
    """Number of words of the longest phrase of a table at a place; 0 for none."""
    return max((len(phrase) for phrase in table if starts_with(words, at, phrase)), default=0)
