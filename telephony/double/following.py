"""Does what a call's TwiML says, verb by verb, document by document."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urldefrag, urljoin

import numpy as np

from telephony.double.carrier import Leg
from telephony.double.errors import DoubleError
from telephony.double.journal import Journal
from telephony.double.line import Line
from telephony.double.manner import Manner
from telephony.double.progress import Notices
from telephony.double.result import Ending, Kind
from telephony.double.script import Synthesise
from telephony.double.sound import to_mulaw, wav_samples
from telephony.double.stream import NOT_OPENED, MediaSocket
from telephony.double.verbs import Verb, parse
from telephony.double.webhooks import CarrierClient

DOCUMENT_LIMIT = 30  # documents in a call without a stream between; a loop of redirects is a fault
SAY_S_PER_WORD = 0.35


@dataclass(frozen=True, slots=True)
class Next:
    """Ask for another document."""

    url: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """Here is another document."""

    document: str


@dataclass(frozen=True, slots=True)
class End:
    how: Ending
    detail: str = ""
    ran_out: bool = False  # nothing ended it: there are no more verbs


Dial = Callable[[Verb], Awaitable[dict[str, str]]]  # a <Dial> is over: what its action is told
Outcome = Next | End | None  # None: on to the next verb


class Following:
    """One call's way through its documents. ``stream`` is the media stream while there is one.

    ``fallback`` (an address or a document) takes over once, when a document cannot be had or used:
    https://www.twilio.com/docs/voice/api/call-resource (FallbackUrl), .../twiml#voice-request-parameters
    (ErrorCode, ErrorUrl).
    """

    def __init__(
        self, client: CarrierClient, leg: Leg, line: Line, journal: Journal, manner: Manner, *,
        notices: Notices, dial: Dial, answers: Callable[[], None], say: Synthesise | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._leg = leg
        self._line = line
        self._journal = journal
        self._say_aloud = say
        self._notices = notices
        self._dial_out = dial
        self._answers = answers
        self._unhurried = manner.unhurried
        self._carriage = manner.connection.carriage
        self.url = ""
        self._documents = 0
        self._put_through = ""  # whom the last <Dial> reached
        self.fallback = manner.fallback
        self.stream: MediaSocket | None = None
        self.keys: asyncio.Queue[str] = asyncio.Queue()

    async def from_url(
        self, url: str, status: str = "in-progress", fields: dict[str, str] | None = None
    ) -> End:
        """Fetch and follow until the call ends. Faults that would end a real call end this one."""
        return await self._follow(Next(url, fields or {}), status)

    async def from_document(self, document: str, url: str) -> End:
        """Follow a document that came by order."""
        self.url = url
        return await self._follow(Given(document), "in-progress")

    async def _follow(self, outcome: Next | Given | End, status: str) -> End:
        while not isinstance(outcome, End):
            try:
                outcome = await self._advance(outcome, status)
            except DoubleError as fault:
                outcome = self._fall_back(fault)
            status = "in-progress"
        return outcome

    async def _advance(self, wanted: Next | Given, status: str) -> Next | End:
        self._documents += 1
        if self._documents > DOCUMENT_LIMIT:
            raise DoubleError(f"more than {DOCUMENT_LIMIT} documents: a loop of redirects")
        if isinstance(wanted, Given):
            return await self._run(wanted.document)
        self.url = urljoin(self.url, wanted.url)
        return await self._run(await self._client.post(self.url, self._leg.form(status, wanted.fields)))

    def _fall_back(self, fault: DoubleError) -> Next | Given | End:
        self._journal.warn(str(fault))
        fallback, self.fallback = self.fallback, ""
        if not fallback:
            return End(Ending.ERROR, str(fault))
        self._journal.note(Kind.FALLBACK, error=fault.number)
        if fallback.lstrip().startswith("<"):
            return Given(fallback)
        return Next(fallback, {"ErrorCode": fault.number, "ErrorUrl": urldefrag(self.url).url})

    async def _run(self, document: str) -> Next | End:
        self._journal.document(self.url, document)
        for verb in parse(document):
            outcome = await self._do(verb)
            if outcome is not None:
                return outcome
        return self._after_last()

    def _after_last(self) -> End:
        if self._put_through:
            return End(Ending.DIALLED, self._put_through, ran_out=True)
        return End(Ending.AGENT_HUNG_UP, "the document ended", ran_out=True)

    async def _do(self, verb: Verb) -> Outcome:
        if verb.name != "Reject":
            self._answers()
        action = self._VERBS.get(verb.name)
        if action is None:
            self._journal.warn(f"12200 unknown verb <{verb.name}>")
            return None
        return await action(self, verb)

    async def _connect(self, verb: Verb) -> Outcome:
        noun = verb.noun("Stream")
        if noun is None:
            raise DoubleError("<Connect> without <Stream>: the double knows no other noun")
        url = noun.attributes.get("url", "")
        if "?" in url:
            raise DoubleError("31920 a stream address must not have a query")
        given = [inner.attributes for inner in noun.nouns if inner.name == "Parameter"]
        parameters = {each.get("name", ""): each.get("value", "") for each in given}
        self.stream = MediaSocket(
            self._client.account, self._leg.call_sid, self._line, self._journal, self._carriage()
        )
        self.stream.tells = self._stream_news(noun)
        try:
            if await self.stream.run(url, parameters) != NOT_OPENED:
                self._documents = 0
        finally:
            self.stream = None
        return self._action(verb)

    def _stream_news(self, noun: Verb) -> Callable[[str, str], None]:
        """Tells the stream's own callback: https://www.twilio.com/docs/voice/twiml/stream#statuscallback."""
        address = noun.attributes.get("statusCallback")

        def tell(event: str, error: str = "") -> None:
            stream = self.stream
            if not address or stream is None:
                return
            fields = {
                "AccountSid": self._leg.account_sid,
                "CallSid": self._leg.call_sid,
                "StreamEvent": event,
                "StreamName": noun.attributes.get("name", stream.stream_sid),
                "StreamSid": stream.stream_sid,
                "Timestamp": datetime.now(UTC).isoformat(),
            }
            self._notices.send(urljoin(self.url, address), fields | ({"StreamError": error} if error else {}))

        return tell

    async def _redirect(self, verb: Verb) -> Outcome:
        return Next(verb.text)

    async def _dial(self, verb: Verb) -> Outcome:
        fields = await self._dial_out(verb)
        reached = fields["DialCallStatus"] in ("completed", "answered")
        self._put_through = self._journal.result.dialled[-1] if reached else ""
        return self._action(verb, fields)

    async def _say(self, verb: Verb) -> Outcome:
        self._journal.result.said.append(verb.text)
        self._journal.note(Kind.SAY, text=verb.text)
        if self._say_aloud is not None:
            await self._play_out(await self._say_aloud(verb.text))
        elif self._unhurried:
            await asyncio.sleep(len(verb.text.split()) * SAY_S_PER_WORD)
        self._line.agent_spoke = True
        return None

    async def _play(self, verb: Verb) -> Outcome:
        url = urljoin(self.url, verb.text)
        self._journal.note(Kind.PLAY, url=url)
        content = await self._client.get(url)
        try:
            pcm = wav_samples(content).astype("<i2").tobytes()
        except (wave.Error, EOFError):
            self._journal.warn(f"12400 {url} is no wav file that the double can play")
            return None
        await self._play_out(pcm)
        return None

    async def _pause(self, verb: Verb) -> Outcome:
        seconds = verb.seconds("length", 1.0)
        await asyncio.sleep(seconds if self._unhurried else 0.0)
        return None

    async def _gather(self, verb: Verb) -> Outcome:
        """Keys by the rules of numDigits, finishOnKey and timeout; nothing pressed: the next verb."""
        prompts = asyncio.create_task(self._prompts(verb))
        try:
            digits = await self._gathered(verb, prompts)
        finally:
            prompts.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await prompts
            self._line.cut()
        if not digits and verb.attributes.get("actionOnEmptyResult") != "true":
            return None
        return Next(verb.attributes.get("action", self.url), {"Digits": digits, "msg": "Gather End"})

    async def _prompts(self, verb: Verb) -> None:
        for noun in verb.nouns:
            await self._do(noun)

    async def _gathered(self, verb: Verb, prompts: asyncio.Task[None]) -> str:
        wanted, finish = int(verb.seconds("numDigits", 0)), verb.attributes.get("finishOnKey", "#")
        digits = ""
        while not wanted or len(digits) < wanted:
            key = await self._key(verb.seconds("timeout", 5.0), None if digits else prompts)
            if not key or key == finish:
                break
            digits += key
        return digits

    async def _key(self, limit_s: float, prompts: asyncio.Task[None] | None) -> str:
        """The next key, or ``""`` when none comes in time; the time runs from the prompts' end."""
        waiting = asyncio.create_task(self.keys.get())
        if prompts is not None:
            await asyncio.wait({waiting, prompts}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({waiting}, timeout=limit_s)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        return ""

    async def _hangup(self, verb: Verb) -> Outcome:
        return End(Ending.AGENT_HUNG_UP)

    async def _reject(self, verb: Verb) -> Outcome:
        return End(Ending.REJECTED, verb.attributes.get("reason", "rejected"))

    def _action(self, verb: Verb, fields: dict[str, str] | None = None) -> Outcome:
        action = verb.attributes.get("action")
        return Next(action, fields or {}) if action else None

    async def _play_out(self, pcm: bytes) -> None:
        """Signed 16-bit little-endian PCM over the line, until it has been heard."""
        self._line.play(_mulaw(pcm))
        while not self._line.is_drained:
            await self._line.next_tick()

    _VERBS: ClassVar[dict[str, Callable[[Following, Verb], Awaitable[Outcome]]]] = {
        "Connect": _connect,
        "Redirect": _redirect,
        "Dial": _dial,
        "Say": _say,
        "Play": _play,
        "Pause": _pause,
        "Gather": _gather,
        "Hangup": _hangup,
        "Reject": _reject,
    }


def _mulaw(pcm: bytes) -> bytes:
    return to_mulaw(np.frombuffer(pcm, dtype="<i2").astype(np.int16))
