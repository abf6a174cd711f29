"""What a caller makes of the agent's words: a small reader of plain English questions.

It knows nothing of the agent's templates, state or expectations. The agent may word its questions anew;
whoever cannot tell what is asked says so, as a person would.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

TOPICS: Final = tuple(
    (topic["name"], re.compile("|".join(topic["words"])))
    for topic in tomllib.loads(Path(__file__).with_name("topics.toml").read_text())["topic"]
)
# "Have you missed any?": whatever it is about, it is answered with yes or no.
_YES_OR_NO = re.compile(
    r"^(and|so|now|or|well|then)?,? ?"
    r"(is|are|was|were|do|does|did|have|has|had|can|could|will|would|may|shall)\b"
)
_SENTENCE = re.compile(r"[^.?!]+[.?!]*")
_CONNECTING = re.compile(
    r"connecting you|putting you through|transferring you|i'?m getting (a|the) (person|nurse)"
)
_DANGER = re.compile(r"\b(911|988|poison (help|control))\b|emergency (room|department)")
_READ_BACK = (
    ("letters_check", re.compile(r"\bletters\b")),
    ("birth_check", re.compile(r"\bi heard\b|\bborn\b")),
)
_HURRY = re.compile(r"hang up|call|text|go to")
_PROMISED_CALL = re.compile(
    r"(will|to) call you (back|today|the number|within)?|call (the number|you back)|they have your"
)
_GOODBYE = re.compile(r"\bgoodbye\b")
_WAIT = re.compile(r"one moment|still working|thank you for waiting|hold on")
_PATIENT = re.compile(r"take your time|when you'?re ready")
_CANCELLED = re.compile(r"\b(is|are|have been|has been) (now )?cancell?ed\b|i('ve| have) cancell?ed")
_WITHDRAWAL = re.compile(
    r"^\W*(hmm,? |actually,? |well,? )*(no|never mind|wait)\b.*\b(leave|keep|never mind)\b"
)
_REFUSAL = re.compile(r"can'?t help with that")


def sentences_of(reply: str) -> list[str]:
    text = re.sub(r"\b([AaPp])\.([Mm])\.?", r"\1\2", reply).replace("Dr.", "Dr")
    return [one.strip() for one in _SENTENCE.findall(text) if re.search(r"\w", one)]


def asked(reply: str) -> str:
    """The topic of what was asked, "" where nothing was or it was not understood."""
    sentences = [one.lower() for one in sentences_of(reply)]
    questions = [one for one in sentences if one.endswith("?")]
    for one in [*reversed(questions), *reversed(sentences)][: len(questions) + 3]:
        for topic, pattern in TOPICS:
            if pattern.search(one):
                return _read_back(reply.lower()) if topic == "confirm" else topic
        if one in questions and _YES_OR_NO.search(one):
            return "yes_or_no"
    return ""


def _read_back(reply: str) -> str:
    """What a bare "is that right?" is about, by what was read out before it."""
    return next((topic for topic, pattern in _READ_BACK if pattern.search(reply)), "confirm")


def is_connecting(reply: str) -> bool:
    return _CONNECTING.search(reply.lower()) is not None


def is_warning(reply: str) -> bool:
    """The agent sends the caller to emergency help."""
    return any(
        _DANGER.search(one) and _HURRY.search(one) and not one.strip().startswith("if ")
        for one in sentences_of(reply.lower())
    )


def is_goodbye(reply: str) -> bool:
    return _GOODBYE.search(reply.lower()) is not None


def is_wait(reply: str) -> bool:
    return _WAIT.search(reply.lower()) is not None and "?" not in reply


def promises_call(reply: str) -> bool:
    return _PROMISED_CALL.search(reply.lower()) is not None


def is_patient(reply: str) -> bool:
    """The agent waits for the answer to what it asked before."""
    return _PATIENT.search(reply.lower()) is not None and "?" not in reply


def is_refusal(reply: str) -> bool:
    """The agent says that it cannot do what was wished for."""
    return _REFUSAL.search(reply.lower()) is not None


def is_cancelled(reply: str) -> bool:
    """The agent has told that a visit is cancelled."""
    return _CANCELLED.search(reply.lower()) is not None


def is_withdrawal(said: str) -> bool:
    """The caller takes back what was about to be done: "hmm, no, leave it"."""
    return _WITHDRAWAL.search(said.lower()) is not None


def means_all(said: str) -> bool:
    """The caller wants more than one visit cancelled: one deed does not settle it."""
    return re.search(r"\b(everything|both|all)\b", said.lower()) is not None
