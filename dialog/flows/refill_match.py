"""Which of the patient's own orders a name, a use or a strength means; where none is clear, who finds it."""

from __future__ import annotations

from dialog import wording
from dialog.flows.refill_list import next_up, unsettle, waiting, wanted
from dialog.medicines import as_said, bears, named, of_strength
from dialog.speech import quoted
from dialog.tasks import hand_over, open_task
from dialog.turn import Turn
from models.domain import Medicine, Priority, TaskKind
from words.formulary import by_lay_name, by_name, confusables
from words.medicine_uses import serves, use_called

SPELL_IT = "Could you spell it for me, or say it once more?"
SPELL_AGAIN = "I didn't get that name; please spell it once more, slowly."
WHICH_STRENGTH = "Which strength do you take?"
ON_THE_LABEL = "What is the name on the label?"


def medicines(turn: Turn) -> tuple[Medicine, ...]:
    return turn.patient.medicines if turn.patient else ()


def own(turn: Turn) -> Medicine | None:
    return next((m for m in medicines(turn) if m.order_id == turn.slot("order_id")), None)


def match_order(turn: Turn) -> Turn:
    """Settle which order is meant, without a word where it is clear."""
    if turn.has("use"):
        return _match_use(turn)
    rejected = turn.slot("rejected").split("|")
    names = [name for name in turn.slot("drug_names").split("|") if name not in rejected]
    found = _bearing(turn, names)
    if not found:
        return _off_chart(turn)
    if len(found) > 1 and turn.has("strength"):
        found = of_strength(found, turn.slot("strength")) or found
    if len(found) > 1:
        return _several(turn)
    return _matched(turn, found[0], names)


def _bearing(turn: Turn, names: list[str]) -> tuple[Medicine, ...]:
    """A lay name ("sleeping pill") may mean several of them; the reader's choice among them is not taken."""
    said = turn.slot("said").lower()
    if by_name(said) is None and by_lay_name(said):
        return tuple(medicine for medicine in medicines(turn) if bears(medicine, said))
    return named(medicines(turn), names)


def _matched(turn: Turn, order: Medicine, names: list[str]) -> Turn:
    """A name that was only another hearing of what was said is asked about, however sure the hearing."""
    first = names[0] == turn.slot("drug") and bears(order, names[0])
    turn = turn.put(order_id=order.order_id, said=as_said(order, turn.slot("said"), names))
    if not first:
        heard = next(name for name in names if bears(order, name))
        turn = turn.put(said=heard, drug_sure=None, unlikely=True)
    return turn if turn.has("drug_sure") or not confusables(order.name) else turn.put(alike=True)


def _match_use(turn: Turn) -> Turn:
    use = use_called(turn.slot("use"))
    fits = [m for m in medicines(turn) if use and serves(m.name, use)]
    if use is None or len(fits) != 1:
        return _by_label(turn)
    return turn.put(order_id=fits[0].order_id, said=use.back)


def _by_label(turn: Turn) -> Turn:
    """Two fit, or none: which is not said. Asked once for the name, then a person finds it."""
    if turn.has("labelled"):
        return to_care_team(turn, TaskKind.REFILL_REVIEW)
    return turn.put(labelled=True).ask("refill.label", ON_THE_LABEL)


def _several(turn: Turn) -> Turn:
    """Two orders of one name. Their strengths are chart content, so the caller has to say it."""
    if turn.has("several"):
        return to_care_team(turn, TaskKind.REFILL_REVIEW)
    if by_name(turn.slot("said").lower()) is None and by_lay_name(turn.slot("said").lower()):
        return _by_label(turn)
    return turn.put(several=True).ask("refill.strength", WHICH_STRENGTH)


def _off_chart(turn: Turn) -> Turn:
    """Not on the list, which is never said: once more, then to the care team in the caller's words."""
    if turn.has("spelled") and not _is_broken(turn):
        return to_care_team(turn, TaskKind.MED_CHANGE_REQUEST)
    if turn.has("spelled"):
        return unsettle(turn, spelled=True, respelled=True, again=True).ask("refill.drug", SPELL_AGAIN)
    return unsettle(turn, spelled=True, again=True).ask("refill.drug", SPELL_IT)


def _is_broken(turn: Turn) -> bool:
    """Letters that make no medicine's name, the first time: some were lost on the way."""
    return by_name(turn.slot("said").lower()) is None and not turn.has("respelled")


def to_care_team(turn: Turn, kind: TaskKind) -> Turn:
    """This medicine goes to a person; what else is asked for goes on."""
    words = f"{turn.slot('said')} {turn.slot('taking') or turn.slot('strength')}".strip()
    summary = f"Asked for a refill of: {quoted(words)}. Caller's words: {turn.state.reason}"
    turn = turn.say(wording.CARE_TEAM)
    if not wanted(turn) and not waiting(turn):
        return hand_over(turn, kind, Priority.ROUTINE, summary)
    return next_up(open_task(turn, "desk.quiet", kind, Priority.ROUTINE, summary))
