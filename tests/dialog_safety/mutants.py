"""Ways of taking one line or one rule out of the danger screen, in this process only."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from dialog.safety import (
    CATALOGUE,
    assertion,
    assess,
    clauses,
    cues,
    cues_of_time,
    idioms,
    matching,
    misheard,
    negation,
    reading,
    sounds,
    timing,
)
from dialog.safety.matching import Sign
from dialog.safety.notation import Lexicon, Part, compile_phrase
from dialog.safety.screen import matcher
from dialog.safety.text import spoken
from tests.dialog_safety.witnesses import Witness

# The package's function of the same name hides the module.
screening = importlib.import_module("dialog.safety.screen")


class Mutant(Protocol):
    """One removal: ``changes`` says whether a sentence that it concerns is answered otherwise."""

    kind: str
    name: str

    def concerned(self, seen: tuple[Witness, ...]) -> Iterable[Witness]: ...

    def changes(self, witness: Witness) -> bool: ...


@dataclass
class WithoutSign:
    """The catalogue without one phrase."""

    sign: Sign
    name: str
    kind: str = "catalogue line"

    def concerned(self, seen: tuple[Witness, ...]) -> Iterable[Witness]:
        return (one for one in seen if any(sign is self.sign for sign, _ in one.signed))

    def changes(self, witness: Witness) -> bool:
        return witness.notices(witness.without(self.sign))


@dataclass
class Patched:
    """The screen with attributes of its modules replaced; of ``parts`` a witness must say one."""

    kind: str
    name: str
    patches: tuple[tuple[Any, str, Any], ...]
    parts: tuple[Part, ...] = ()
    of_signs: bool = False  # it changes what a sign means, not whether one is found

    def concerned(self, seen: tuple[Witness, ...]) -> Iterable[Witness]:
        said = (one for one in seen if one.signed or not self.of_signs)
        return (one for one in said if not self.parts or any(_says(one, part) for part in self.parts))

    def changes(self, witness: Witness) -> bool:
        with _patched(self.patches):
            return witness.notices(assess([witness.text]))


def all_mutants(only: str = "") -> Iterator[Mutant]:
    """Every removal, in the order of the modules; ``only`` keeps the kinds that begin so."""
    for kind, make in _MAKERS.items():
        if kind.startswith(only):
            yield from make(kind)


def _says(witness: Witness, part: Part) -> bool:
    if any(map(witness.words.isdisjoint, part.needs)):
        return False
    return any(True for _ in part.find(spoken(witness.text)))


@contextmanager
def _patched(patches: tuple[tuple[Any, str, Any], ...]) -> Iterator[None]:
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    for owner, name, value in patches:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def _catalogue(kind: str) -> Iterator[Mutant]:
    for sign in matcher().signs:
        source = " + ".join(part.source for part in sign.parts)
        yield WithoutSign(sign, f"{sign.flag.id} {source}", kind)


def _unless(kind: str) -> Iterator[Mutant]:
    lists = {flag.id: flag.unless for flag in CATALOGUE}
    for shorter, where, line in _shorter(lists):
        yield Patched(
            kind, f"{where} {line}", ((matcher(), "_unless", Lexicon(shorter)),), compile_phrase(line)
        )


def _hiding(kind: str) -> Iterator[Mutant]:
    for shorter, where, line in _shorter({"idiom": idioms.IDIOMS, "compound": idioms.COMPOUNDS}):
        yield Patched(
            kind, f"{where} {line}", ((matching, "_HIDING", Lexicon(shorter)),), compile_phrase(line)
        )


def _cues(kind: str) -> Iterator[Mutant]:
    for shorter, where, line in _shorter(reading.LISTS):
        yield Patched(
            kind,
            f"{where} {line}",
            ((reading, "_CUES", Lexicon(shorter)),),
            compile_phrase(line),
            of_signs=True,
        )


def _confusions(kind: str) -> Iterator[Mutant]:
    for number, (heard, meant) in enumerate(misheard.MISHEARD):
        pairs = misheard.MISHEARD[:number] + misheard.MISHEARD[number + 1 :]
        patch = (sounds, "_CONFUSED", sounds.confusions(pairs))
        yield Patched(kind, f"{heard} -> {meant}", (patch,), compile_phrase(heard))


def _shorter(lists: Mapping[str, Iterable[str]]) -> Iterator[tuple[dict[str, tuple[str, ...]], str, str]]:
    """The lists without one line each time, with the list's name and the line."""
    whole = {name: tuple(lines) for name, lines in lists.items()}
    for name, lines in whole.items():
        for number, line in enumerate(lines):
            yield {**whole, name: lines[:number] + lines[number + 1 :]}, name, line


def _word_sets(kind: str) -> Iterator[Mutant]:
    """The sets of single words that the rules of assertion ask."""
    for module in (cues, cues_of_time, clauses):
        for name, words in vars(module).items():
            if isinstance(words, frozenset):
                for word in sorted(words):
                    owners = [(one, name, words - {word}) for one in _users(module, name)]
                    yield Patched(kind, f"{name} {word}", tuple(owners), compile_phrase(word))


def _users(module: ModuleType, name: str) -> list[ModuleType]:
    using = [
        one for one in (matching, negation, timing, assertion) if vars(one).get(name) is getattr(module, name)
    ]
    return [module, *using]


def _rules(kind: str) -> Iterator[Mutant]:
    for module, name, answer in RULES:
        yield Patched(kind, f"{module.__name__}.{name}", ((module, name, answer),))


def _never(*_: Any, **__: Any) -> bool:
    return False


def _nothing(*_: Any, **__: Any) -> list[Any]:
    return []


RULES: tuple[tuple[ModuleType, str, Callable[..., Any]], ...] = (
    (negation, "_doubly_negated", _never),
    (negation, "_negations", _nothing),
    (negation, "_corrects", _never),
    (negation, "_denied_after", _never),
    (timing, "_goes_on", _never),
    (timing, "_history_of", _never),
    (timing, "_ages_ago", _never),
    (timing, "_told_of_the_past", _never),
    (timing, "_after_an_opening", _never),
    (timing, "_within_months", _never),
    (timing, "_ended", _never),
    (timing, "_present_tense", _never),
    (timing, "_past_tense", _never),
    (assertion, "_hedged", _never),
    (assertion, "_has_had", _never),
    (assertion, "_said_now", _never),
    (assertion, "_of_no_person", _never),
    (assertion, "_is_so", _never),
    (assertion, "_imagines", _never),
    (assertion, "_asked", _never),
    (assertion, "_has_signs", _never),
    (assertion, "_opens_question", _never),
    (clauses, "_runs_on", _never),
    (clauses, "_had_subject", _never),
    (sounds, "_confused", _nothing),
    (sounds, "_torn", _nothing),
    (sounds, "_pieces", _nothing),
    (screening, "_may_go_on", _never),
)
_MAKERS: dict[str, Callable[[str], Iterator[Mutant]]] = {
    "rule": _rules,
    "catalogue line": _catalogue,
    "unless line": _unless,
    "idiom": _hiding,
    "cue line": _cues,
    "cue word": _word_sets,
    "misheard pair": _confusions,
}
