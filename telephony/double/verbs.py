"""TwiML as the carrier reads it: a list of verbs with attributes, nouns and text.

Source: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from telephony.double.errors import DoubleError

DEEPEST = 20  # <Gather><Say><prosody> and the like: three or four


@dataclass(frozen=True, slots=True)
class Verb:
    name: str
    attributes: dict[str, str]
    text: str
    nouns: tuple[Verb, ...]

    def noun(self, name: str) -> Verb | None:
        return next((noun for noun in self.nouns if noun.name == name), None)

    def seconds(self, attribute: str, default: float) -> float:
        try:
            return float(self.attributes.get(attribute, default))
        except ValueError:
            raise DoubleError(f"12200 <{self.name} {attribute}> is not a number") from None


def parse(document: str) -> tuple[Verb, ...]:
    """The verbs of a ``<Response>``. Raises ``DoubleError`` with Twilio's number for the fault."""
    try:
        root = ElementTree.fromstring(document)
    except (ElementTree.ParseError, ValueError) as fault:  # ValueError: half a surrogate pair
        raise DoubleError(f"12100 the document is not XML: {type(fault).__name__}") from None
    if root.tag != "Response":
        raise DoubleError(f"12102 the document's root is <{root.tag}>, not <Response>")
    return tuple(_verb(element, DEEPEST) for element in root)


def _verb(element: ElementTree.Element, deeper: int) -> Verb:
    if not deeper:
        raise DoubleError("12100 the document is nested deeper than any verb allows")
    nouns = tuple(_verb(child, deeper - 1) for child in element)
    return Verb(element.tag, dict(element.attrib), (element.text or "").strip(), nouns)
