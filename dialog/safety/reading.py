"""One alternative, read once: its words, clauses and every cue in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialog.safety import cues, cues_of_time
from dialog.safety.clauses import Clause, clauses
from dialog.safety.notation import Lexicon
from dialog.safety.text import Spoken

Span = tuple[int, int]

LISTS: Mapping[str, tuple[str, ...]] = {
    "negation": cues.NEGATIONS,
    "pseudo": cues.PSEUDO_NEGATIONS,
    "double": cues.DOUBLE_NEGATIONS,
    "fine": cues.FINE_AFTER,
    "hedge_before": cues.HEDGES_BEFORE,
    "hedge_after": cues.HEDGES_AFTER,
    "not_hedge": cues.NOT_HEDGES,
    "hypothetical": cues.HYPOTHETICALS,
    "not_hypothetical": cues.NOT_HYPOTHETICAL,
    "question": cues.QUESTIONS,
    "medicine_for": cues.MEDICINE_FOR,
    "now": cues_of_time.NOW,
    "not_now": cues_of_time.NOT_NOW,
    "going_on": cues_of_time.GOING_ON,
    "lifelong": cues_of_time.LIFELONG,
    "deceased": cues_of_time.DECEASED,
    "not_yet": cues_of_time.NOT_YET,
    "ages_ago": cues_of_time.AGES_AGO,
    "fiction": cues.FICTION,
    "closed": cues_of_time.CLOSED,
    "so_it_is": cues.SO_IT_IS,
    "happens_if": cues.HAPPENS_IF,
    "long_ago": cues_of_time.LONG_AGO,
    "history_of": cues_of_time.HISTORY_OF,
    "recent": cues_of_time.RECENT,
    "ended": cues_of_time.ENDED,
    "not_ended": cues_of_time.NOT_ENDED,
    "happening": cues.HAPPENING,
}
_CUES = Lexicon(LISTS)


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of a danger sign that was said: words [first, after). ``names`` a diagnosis when a condition."""

    first: int
    after: int
    condition: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """An utterance with the clause of each word (``clause_of``) and the cues found in it, by list name."""

    said: Spoken
    clause_of: tuple[Clause, ...]
    found: Mapping[str, list[Span]]

    def clause_at(self, index: int) -> Clause:
        return self.clause_of[index]

    def before(self, name: str, mention: Mention) -> list[Span]:
        """Cues of a list that begin before the mention, in its clause; they may reach into it."""
        first = self.clause_of[mention.first].first
        return [s for s in self.cues(name) if first <= s[0] < mention.first]

    def after(self, name: str, mention: Mention) -> list[Span]:
        """Cues of a list that begin at or after the mention's end, in the clause where it ends."""
        end = self.clause_of[mention.after - 1].after
        return [s for s in self.cues(name) if s[0] >= mention.after and s[1] <= end]

    def beside(self, name: str, mention: Mention) -> list[Span]:
        """Cues of a list anywhere in the mention's clauses, inside the mention too."""
        first, end = self.clause_of[mention.first].first, self.clause_of[mention.after - 1].after
        return [s for s in self.cues(name) if s[0] >= first and s[1] <= end]

    def later(self, name: str, mention: Mention) -> bool:
        """Whether a cue of a list begins anywhere after the mention's beginning."""
        return any(span[0] > mention.first for span in self.cues(name))

    def cues(self, name: str) -> list[Span]:
        return self.found.get(name, [])

    def covered(self, name: str, span: Span) -> bool:
        """Whether a cue of this list overlaps the span."""
        return any(a < span[1] and span[0] < b for a, b in self.cues(name))


def read(said: Spoken) -> Reading:
    """Find clauses and cues of an utterance."""
    clause_of = tuple(clause for clause in clauses(said) for _ in range(clause.first, clause.after))
    return Reading(said, clause_of, _CUES.find(said))
