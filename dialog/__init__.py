"""What to do next in a call. Pure: no network, no database, no clock but ``context.now``.

``decide`` answers one event; ``DialogState`` is all it remembers, and a small JSON value.
"""

from dialog.cut_off import RESUMED, says_so_at_once
from dialog.decide import decide
from dialog.glance import glance
from dialog.privacy import keeps_no_words, without_words
from dialog.sentences import fixed_sentences
from dialog.staff_orders import obeyed
from dialog.state import CallSummary, DialogState, Kept, from_json, start, summary, to_json

__all__ = [
    "RESUMED",
    "CallSummary",
    "DialogState",
    "Kept",
    "decide",
    "fixed_sentences",
    "from_json",
    "glance",
    "keeps_no_words",
    "obeyed",
    "says_so_at_once",
    "start",
    "summary",
    "to_json",
    "without_words",
]
