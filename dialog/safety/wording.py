"""The fixed sentences of each disposition. They are protocol text: spoken word for word, never rephrased."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.safety.catalogue import CATALOGUE
from dialog.safety.redflag import Code, RedFlag

CALL_911 = (
    "What you're describing could be an emergency. Please hang up and call 911 now. "
    "If someone is with you, ask them to call. Do not drive yourself."
)
CAN_YOU_CALL = "Can you call 911 right now?"
CRISIS = (
    "I'm really glad you told me. You deserve support right now. If you are in immediate danger, call 911. "
    "You can call or text 988, the Suicide and Crisis Lifeline, any time. I'm connecting you with our team."
)
POISON_HELP = "Call Poison Help now at 1-800-222-1222."
NURSE_NOW = "I'm getting a nurse for you now."
SAME_DAY = "Our team will call you today. If you get worse, call 911."
IF_WORSE = "If it gets worse, call 911."

SENTENCES: Mapping[Code, str] = {
    Code.D0: CALL_911,
    Code.D0_988: CRISIS,
    Code.D0_PC: POISON_HELP,
    Code.D1: NURSE_NOW,
    Code.D2: SAME_DAY,
}


def sentence(code: Code) -> str:
    """What the caller hears for this disposition."""
    return SENTENCES[code]


def question(flag: RedFlag) -> str:
    """The one direct yes/no question that settles a doubt about this danger sign."""
    return flag.question


def all_sentences() -> tuple[str, ...]:
    """Every sentence this package can have spoken, for rendering ahead of time."""
    return (*SENTENCES.values(), CAN_YOU_CALL, IF_WORSE, *(flag.question for flag in CATALOGUE))
