"""The medicines of one refill wish: the one being settled (slots), those heard and waiting, those settled.

Slots hold scalars only, so the two lists rest in them as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from dialog.medicines import SURE_DRUG, with_strength
from dialog.turn import Turn
from words.strengths import spoken_strength

MOST = 6  # medicines in one request: more cannot be read back and kept in mind by ear
_CURRENT = (
    *("drug", "drug_names", "drug_sure", "order_id", "said", "strength", "taking", "use", "checked"),
    *("several", "unlikely", "alike", "apart"),
)
_SAID_OF = ("taking", "strength")  # of a medicine, beside its name
_BEFORE = tuple(f"{name}_before" for name in _SAID_OF)
_TRIED = (
    "spelled",
    "respelled",
    "labelled",
    "rejected",
    "again",
)  # what was asked of it already, however it is named


@dataclass(frozen=True, slots=True)
class Mention:
    """A medicine as it was heard. ``use`` names what it is for, where it was not named itself."""

    names: tuple[str, ...]  # as heard, best first; () when described
    said: str
    certainty: float = 1.0
    use: str = ""
    taking: str = ""
    strength: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A medicine that is settled: the order, and the caller's words for it."""

    order_id: str
    said: str
    taking: str = ""
    strength: str = ""
    described: bool = False

    @property
    def spoken(self) -> str:
        """As it is read back: never more than the caller said."""
        strength = spoken_strength(self.strength) if self.strength else ""
        return f"{self.said} {strength}".strip()


def waiting(turn: Turn) -> tuple[Mention, ...]:
    rows = json.loads(turn.slot("waiting") or "[]")
    return tuple(Mention(tuple(row.pop("names")), **row) for row in rows)


def put_waiting(turn: Turn, mentions: Iterable[Mention]) -> Turn:
    rows = [asdict(mention) for mention in mentions]
    return turn.put(waiting=json.dumps(rows)) if rows else turn.drop("waiting")


def wanted(turn: Turn) -> tuple[Wanted, ...]:
    return tuple(Wanted(**row) for row in json.loads(turn.slot("wanted") or "[]"))


def read_back(turn: Turn, item: Wanted) -> str:
    """With the strength on the chart once a one-time code allows it (domain rules 0.11); else as said."""
    patient = turn.patient
    orders = patient.medicines if patient and patient.may_be_read_out else ()
    order = next((order for order in orders if order.order_id == item.order_id), None)
    return with_strength(order) if order else item.spoken


def put_wanted(turn: Turn, items: Iterable[Wanted]) -> Turn:
    rows = [asdict(item) for item in items]
    return turn.put(wanted=json.dumps(rows)) if rows else turn.drop("wanted")


def has_current(turn: Turn) -> bool:
    """A medicine was heard and is not settled yet."""
    return turn.has("drug_names") or turn.has("use")


def settle(turn: Turn) -> Turn:
    """The current medicine joins those that are asked for; the next one heard comes up."""
    item = Wanted(
        turn.slot("order_id"), turn.slot("said"), turn.slot("taking"), turn.slot("strength"), turn.has("use")
    )
    known = [other for other in wanted(turn) if other.order_id != item.order_id]
    return next_up(put_wanted(turn, (*known, item)))


def next_up(turn: Turn) -> Turn:
    """Leave the current medicine; the next one heard becomes it."""
    turn = turn.drop(*_CURRENT, *_TRIED, *_BEFORE)
    mentions = waiting(turn)
    if not mentions:
        return turn
    return begin(put_waiting(turn, mentions[1:]), mentions[0])


def unsettle(turn: Turn, **tried: bool) -> Turn:
    """The current medicine is asked for anew; ``tried`` says how. What was said of its strength stays said:
    the name was misheard, and not the number.
    """
    kept = {f"{name}_before": turn.slot(name) for name in _SAID_OF if turn.has(name)}
    return turn.drop(*_CURRENT).put(**kept, **tried)


def begin(turn: Turn, mention: Mention) -> Turn:
    """A medicine that is to be settled."""
    before = {name: turn.slot(f"{name}_before") for name in _SAID_OF if turn.has("again")}
    turn = turn.drop(*_CURRENT, *_BEFORE, "again").put(said=mention.said)
    told = mention.taking or mention.strength
    if taking := mention.taking or (before.get("taking", "") if not told else ""):
        turn = turn.put(taking=taking)
    if strength := mention.strength or (before.get("strength", "") if not told else ""):
        turn = turn.put(strength=strength)
    if mention.use:
        return turn.put(use=mention.use)
    sure = True if mention.certainty >= SURE_DRUG else None
    return turn.put(drug=mention.names[0], drug_names="|".join(mention.names), drug_sure=sure)


def joined(parts: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
