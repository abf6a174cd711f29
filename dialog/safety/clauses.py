# ruff: noqa: E501 -- word lists: one sign or group a line reads better than wrapped
"""Cutting an utterance into clauses: how far a "no" or an "in 2015" reaches.

Recognisers often leave out punctuation, so a new subject ("... my arm is numb") also begins a clause.
A cut too many makes the screen more sensitive, a cut too few less: when in doubt it cuts.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialog.safety.text import Spoken


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_TURNS = _words("but however except though although besides pero otherwise")
_JOINS = _words("and so because cause then plus also while or y e porque which who")
_SUBJECTS = _words("i my he she his her we they it there this that now our its also me estoy tengo mi")
_VERBS = _words("is are has have am feels feel can keeps started got was hurts will")
_RUN_ON_SUBJECTS = _words("i he she we they there")
_STATES = (("is",), ("feels",), ("hurts",), ("has",), ("keeps",))  # after an "it" that begins a statement
_MEASURED = _words("pain days times hours time")
_POSSESSIVES = _words("my his her our")
_OPENERS = _words("when while after before if during cuando si")
# After these a pronoun goes on with the same statement: "I think I", "do I", "if he".
_BEFORE_PRONOUN = _words(
    "think thinks thought believe say says said saying guess if that when what how where why like feel feels know sure "
    "wish hope whether as until than do does did am is are was were can could should would will have has had "
    "everything worried afraid scared since before after something anything wonder wondering tell told "
    "suppose mean meant nor neither event swear whenever case pain days times hours time"
)
_BEFORE_POSSESSIVE = _words(
    "in on of to for with from at about hurt hit take took taken taking refill change cancel need get see call lost "
    "lose losing broke cut burned feel felt feeling over under around down up through into onto like is was are were "
    "all both half than after before behind across have had having has check move moved fill filled since during if "
    "when by near that think thinks said says out off left right bumped banged cracked knocked "
    "lift raise use using kill end ending take against reach moving stop stopped hurting catch get getting hold "
    "swallow swallowed without between inside harm cutting slit what how where not given gave give as wake "
    "told tell call called calling find found know knows recognize remember remembers say soaked bit hits "
    "burning scheduled schedule reschedule regarding renew pick started start missed miss want wants"
)
_CONTENT = _words(
    "i my he she we they it there you this no not without have had is was has denies denied never his her can hurts "
    "the do does did are"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Words [first, after) that one negation or time expression governs."""

    first: int
    after: int

    def __contains__(self, index: int) -> bool:
        return self.first <= index < self.after


def clauses(said: Spoken) -> tuple[Clause, ...]:
    """The clauses of an utterance, in order; together they cover every word."""
    if not said.words:
        return ()
    firsts = [0]
    for index in range(1, len(said.words)):
        if _begins(said, firsts[-1], index):
            firsts.append(index)
    ends = [*firsts[1:], len(said.words)]
    return tuple(Clause(first, after) for first, after in zip(firsts, ends, strict=True))


def _begins(said: Spoken, first: int, index: int) -> bool:
    word, before, mark = said.words[index], said.words[index - 1], said.marks[index]
    if mark in (".", "?") or word in _TURNS:
        return True
    if not _CONTENT.intersection(said.words[first:index]):
        return False  # "in 2015, I ...": an opening expression belongs to what follows
    if said.words[first] in _OPENERS and not _had_subject(said, first, index):
        return False
    if mark == "," or before in _JOINS:
        return word in _SUBJECTS or (word in _VERBS and index - first > 1)
    return _runs_on(said, first, index, word, before)


def _had_subject(said: Spoken, first: int, index: int) -> bool:
    """An opened clause ("when I was young, I ...") ends only at its second main subject."""
    return sum(word in _RUN_ON_SUBJECTS or word in _POSSESSIVES for word in said.words[first:index]) > 1


def _runs_on(said: Spoken, first: int, index: int, word: str, before: str) -> bool:
    length = index - first
    if word == "it" and said.words[index + 1 : index + 2] in _STATES:
        return length > 2 and before not in (_BEFORE_PRONOUN | _BEFORE_POSSESSIVE) - _MEASURED
    if word in _RUN_ON_SUBJECTS:
        return length > 1 and before not in _BEFORE_PRONOUN
    if word in _POSSESSIVES:
        return length > 2 and before not in _BEFORE_POSSESSIVE
    return False
