"""The danger screen of every caller turn: RF01-RF26, fixed sentences, direct questions. Pure."""

from dialog.safety.assertion import Assertion, Mode, Who
from dialog.safety.catalogue import CATALOGUE, by_id
from dialog.safety.matching import Concern
from dialog.safety.negation import Polarity
from dialog.safety.redflag import URGENCY, Code, RedFlag
from dialog.safety.screen import Assessment, answered, assess, code_of, screen
from dialog.safety.timing import When
from dialog.safety.wording import CAN_YOU_CALL, IF_WORSE, all_sentences, question, sentence

__all__ = [
    "CAN_YOU_CALL",
    "CATALOGUE",
    "IF_WORSE",
    "URGENCY",
    "Assertion",
    "Assessment",
    "Code",
    "Concern",
    "Mode",
    "Polarity",
    "RedFlag",
    "When",
    "Who",
    "all_sentences",
    "answered",
    "assess",
    "by_id",
    "code_of",
    "question",
    "screen",
    "sentence",
]
