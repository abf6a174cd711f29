"""Text messages to a number that only speaks: counted, answered with a pointer to the telephone, not kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta

from agent.logs import log
from agent.metrics import TEXTS
from telephony import twiml
from telephony.handlers import e164

# Twilio answers these itself (opt-out, opt-in): https://help.twilio.com/articles/223134027
STOP = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
START = frozenset("start unstop yes".split())
HELP = frozenset("help info".split())
ONCE_IN = timedelta(hours=1)  # so that two machines do not thank each other for ever
REMEMBERED = 1_000  # senders, the oldest forgotten first


class Texting:
    """Answers texts for one practice; remembers whom it answered lately, in memory only."""

    def __init__(self, practice_name: str) -> None:
        self._text = f"{practice_name}: this number does not take text messages. Please call us."
        self._answered: OrderedDict[str, datetime] = OrderedDict()

    def reply(self, form: Mapping[str, str], now: datetime) -> str:
        """TwiML for a signed message; an empty document where the carrier, or nobody, is to answer."""
        kind, sender = kind_of(form.get("Body", "")), e164(form.get("From", ""))
        TEXTS.labels(kind=kind).inc()
        log.info("text.received", kind=kind)
        if kind in ("stop", "start") or not sender or not self._is_due(sender, now):
            return twiml.reply_by_message("")
        return twiml.reply_by_message(self._text)

    def _is_due(self, sender: str, now: datetime) -> bool:
        """Short codes and names never come here: they are no telephones."""
        last = self._answered.get(sender)
        if last is not None and now - last < ONCE_IN:
            return False
        self._answered[sender] = now
        self._answered.move_to_end(sender)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return True


def kind_of(body: str) -> str:
    """``stop``, ``start``, ``help`` for the carriers' words alone, in any case; else ``other``."""
    word = body.strip().strip(".!").lower()
    for kind, words in (("stop", STOP), ("start", START), ("help", HELP)):
        if word in words:
            return kind
    return "other"
