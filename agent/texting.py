"""Text messages that come in: STOP, START and HELP at once; an answer to whoever waits for one; else a
pointer to the telephone. Words are not kept."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from agent.logs import log
from agent.metrics import TEXTS
from agent.services import Services
from models import records, text_sending, texts
from telephony import twiml
from telephony.handlers import e164

# Twilio answers these itself (opt-out, opt-in): https://help.twilio.com/articles/223134027
STOP = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
START = frozenset("start unstop".split())
YES = "yes"  # opts in again too, for who had opted out; else it answers a question
HELP = frozenset("help info".split())
ONCE_IN = timedelta(hours=1)  # so that two machines do not thank each other for ever
REMEMBERED = 1_000  # senders, the oldest forgotten first

# "By any reasonable means": 47 CFR 64.1200(a)(10). About texts or calls, or about us; not about a medicine.
_CONTACT = r"(text(s|ing)?( messages?)?|messag(es?|ing)|call(s|ing)?|contact(ing)?|bother(ing)?|sms)"
_FREE_STOP = re.compile(
    r"\b(stop|quit|no more|don'?t|do not|cease|end)( (send(ing)?|with|the|these|any|all|your|me|to))*"
    rf" {_CONTACT}\b"
    r"( me| us)?(?! (back|my|the|in|at|on)\b)"
    r"|\bopt(ing)? (me )?out\b|\bunsubscribe\b|\bleave me alone\b"
    r"|\b(take|remove|delete) (me|my number|this number)( off| from| out)?\b"
    r"|\b(don'?t|do not) (want|wish|need)( to (get|receive))?( any)?( more)?( of)?( your| these)? "
    r"(text|texts|messages|calls)\b|\bwrong number\b"
)

Answer = Callable[[str, str], Awaitable[str | None]]  # sender, words -> a reply, "" none; None: not for us


class Texting:
    """``answers`` are asked in their order; the first that knows what a text is about replies."""

    def __init__(self, services: Services, answers: Sequence[tuple[str, Answer]] = ()) -> None:
        self._services, self._answers = services, answers
        self._answered: OrderedDict[str, datetime] = OrderedDict()

    async def reply(self, form: Mapping[str, str]) -> str:
        """TwiML for a signed message; an empty document where the carrier, or nobody, is to answer."""
        sender, body = e164(form.get("From", "")), form.get("Body", "")
        kind = kind_of(body)
        if kind in ("other", YES) and sender:
            for name, answer in self._answers:
                if (reply := await answer(sender, body)) is not None:
                    return self._done(name, reply)
        return self._done(kind, await self._own(kind, sender, form.get("MessageSid", "")))

    def _done(self, kind: str, reply: str) -> str:
        TEXTS.labels(kind=kind).inc()
        log.info("text.received", kind=kind)
        return twiml.reply_by_message(reply)

    async def _own(self, kind: str, sender: str, message_sid: str) -> str:
        """Short codes and names never come here: they are no telephones."""
        if not sender:
            return ""
        match kind:
            case "stop":
                await self._choose(sender, message_sid, stopped=True)
                return ""
            case "stop-in-words":
                await self._choose(sender, message_sid, stopped=True)
                return self._confirmation()
            case "start":
                await self._choose(sender, message_sid, stopped=False)
                return ""
            case "yes" if await self._is_stopped(sender):  # opts in again, at the carrier too
                await self._choose(sender, message_sid, stopped=False)
                return ""
        return await self._pointer(kind, sender)

    async def _pointer(self, kind: str, sender: str) -> str:
        if kind != "help" and await self._is_stopped(sender):  # who wants no texts gets none, not even this
            return ""
        if not self._is_due(sender):
            return ""
        practice = self._services.practice
        if kind == "help":
            return f"{practice.name}: for help call {practice.phone}. Reply STOP for no more texts."
        return f"{practice.name}: this number does not take text messages. Please call {practice.phone}."

    async def _is_stopped(self, sender: str) -> bool:
        return await self._services.storage.read(lambda session: texts.is_stopped(session, sender))

    async def _choose(self, sender: str, message_sid: str, *, stopped: bool) -> None:
        """Once for each text: a START that comes again must not undo a STOP that came after it."""
        now = self._services.clock()

        def work(session: Session) -> None:
            if message_sid and records.seen_webhook(session, f"text/{message_sid}", now):
                return
            texts.choose_texts(session, sender, stopped=stopped, at=now)
            if stopped:
                text_sending.withhold_queued(session, sender)

        await self._services.storage.write(work)

    def _confirmation(self) -> str:
        """The one text that may follow: 47 CFR 64.1200(a)(12)."""
        return f"{self._services.practice.name}: you will get no more texts from us. Reply START to undo."

    def _is_due(self, sender: str) -> bool:
        now, last = self._services.clock(), self._answered.get(sender)
        if last is not None and now - last < ONCE_IN:
            return False
        self._answered[sender] = now
        self._answered.move_to_end(sender)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return True


def kind_of(body: str) -> str:
    """``stop``, ``start``, ``help`` for the carriers' words alone, in any case; ``stop-in-words`` for a
    sentence that asks to be left in peace; else ``other``."""
    said = " ".join(body.lower().replace("’", "'").split())[:500]
    word = said.strip(".! ")
    if word == YES:
        return YES
    for kind, words in (("stop", STOP), ("start", START), ("help", HELP)):
        if word in words:
            return kind
    return "stop-in-words" if _FREE_STOP.search(said) else "other"
