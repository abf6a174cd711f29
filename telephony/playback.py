"""What we say, as fast as the carrier plays it: never more than a second ahead, a mark after each sentence.

Sans-IO: the caller of these functions owns clock and socket. The carrier's buffer is modelled by
when what we sent will have been played; its mark echoes are the truth that corrects the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from models.domain import SAMPLE_RATE_HZ
from telephony import g711
from telephony.played import PlayedTrack

CHUNK_MS = 200  # a media message: fewer timers than 20 ms frames, and `clear` makes it safe
AHEAD_MS = 1_000  # at most this much lies unplayed at the carrier, so that little is lost with it
FADE_MS = 40  # of a sentence that is broken off
MARK_GRACE_MS = 2_000  # a mark overdue by this much will not come: the clock is believed instead
_BYTES_PER_MS = SAMPLE_RATE_HZ // 1_000
_EPSILON_MS = 1e-6


class Outgoing(Protocol):
    """The three messages a stream may be sent; ``MediaCodec`` has them."""

    def media(self, mulaw: bytes) -> str: ...

    def mark(self, name: str) -> str: ...

    def clear(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Interruption:
    """Barge-in: ``messages`` go out at once; ``heard`` is what the caller heard of the reply.

    ``whole`` is the part of it that lies in sentences heard to their end, ``unheard`` the ids of the rest,
    in order, the one that was cut off first.
    """

    messages: tuple[str, ...]
    heard: str
    whole: str = ""
    unheard: tuple[str, ...] = ()


@dataclass(slots=True)
class _Said:
    sentence_id: str
    text: str
    mulaw: bytes
    mark: str
    reply: int
    total_ms: float
    offset: int = 0  # bytes sent
    marked: bool = False  # its mark was sent
    echoed: bool = False
    end_ms: float = 0.0  # of play, by our model; known once marked
    sent: list[tuple[float, float]] = field(default_factory=list)  # (start of play, duration), by our model

    def played_part(self, now_ms: float) -> float:
        if not self.total_ms:
            return 1.0 if self.marked else 0.0
        return min(
            sum(min(max(now_ms - start, 0.0), length) for start, length in self.sent) / self.total_ms, 1.0
        )


class Playback:
    """One stream's outgoing audio. All times are one monotonic clock's milliseconds."""

    def __init__(
        self,
        codec: Outgoing,
        *,
        chunk_ms: int = CHUNK_MS,
        ahead_ms: int = AHEAD_MS,
        keep_played: bool = False,
    ) -> None:
        """``keep_played``: somebody will ask for `played`, so what is sent is kept until then."""
        self._codec = codec
        self._chunk_bytes = chunk_ms * _BYTES_PER_MS
        self._ahead_ms = ahead_ms
        self._said: list[_Said] = []
        self._epoch = 0  # counts clears: a mark of an earlier epoch proves nothing
        self._reply = 0
        self._number = 0
        self._buffer_end_ms = 0.0
        self._lag_ms = 0.0  # how much later than modelled the carrier really plays
        self._track = PlayedTrack(until_taken=keep_played)

    def start_reply(self) -> None:
        """What is said from here on is a new reply; ``heard`` speaks of this one only."""
        self._reply += 1
        self._said = [said for said in self._said if not said.echoed]

    def say(self, sentence_id: str, text: str, mulaw: bytes) -> None:
        """Append a sentence; those of one reply may come one by one, as they are rendered."""
        self._number += 1
        mark = f"{self._epoch}.{self._number}.{sentence_id}"[:200]
        self._said.append(_Said(sentence_id, text, mulaw, mark, self._reply, len(mulaw) / _BYTES_PER_MS))

    def due(self, now_ms: float) -> list[str]:
        """The messages to send now: as much audio as the carrier may hold, marks in their places."""
        messages: list[str] = []
        while said := self._unsent():
            if said.offset < len(said.mulaw):
                if self._room_at(said) > now_ms + _EPSILON_MS:
                    break
                messages.append(self._send_chunk(said, now_ms))
            if said.offset >= len(said.mulaw):
                messages.append(self._send_mark(said, now_ms))
        return messages

    @property
    def next_due_ms(self) -> float | None:
        """When ``due`` will have something to send (a past time: now); None when all is sent."""
        said = self._unsent()
        return self._room_at(said) if said else None

    def marked(self, name: str, now_ms: float | None = None) -> None:
        """A mark came back. Names of an earlier epoch, or not ours, are ignored."""
        for said in self._said:
            if said.mark == name:
                said.echoed = True
                self._correct_lag(said, now_ms)
                return

    def interrupt(self, now_ms: float) -> Interruption:
        """Stop speaking. Nothing said before counts as heard by a mark that comes after this."""
        heard, over = self.heard(now_ms), [said for said in self._said if self._is_over(said, now_ms)]
        whole = " ".join(said.text for said in over if said.reply == self._reply and said.text)
        unheard = tuple(said.sentence_id for said in self._said if said not in over)
        messages = () if self.is_idle(now_ms) else (self._codec.clear(), *self._fade_out(now_ms))
        self._said.clear()
        self._epoch += 1
        return Interruption(messages, heard, whole, unheard)

    def remaining_ms(self, now_ms: float) -> float:
        """How much of what was said is still to be played, by our model."""
        unsent = sum(len(said.mulaw) - said.offset for said in self._said if not said.marked)
        return max(self._buffer_end_ms + self._lag_ms - now_ms, 0.0) + unsent / _BYTES_PER_MS

    def lately(self, from_ms: float, length_bytes: int) -> bytes:
        """What the caller was given to hear in that stretch of the last seconds."""
        return self._track.between(from_ms, length_bytes)

    def heard(self, now_ms: float) -> str:
        """What the caller has heard of this reply.

        Whole sentences by mark echo; of the first sentence not echoed the part played so far, cut
        at a word. A sentence after that one is never claimed.
        """
        parts: list[str] = []
        for said in self._said:
            whole = self._is_over(said, now_ms)
            part = said.text if whole else _cut(said.text, said.played_part(now_ms - self._lag_ms))
            if part and said.reply == self._reply:
                parts.append(part)
            if not whole:
                break
        return " ".join(parts)

    def played(self, now_ms: float) -> list[tuple[float, bytes]]:
        """What was truly played since the last asking: (when it began to, audio), in order.

        By the model of the carrier's buffer, corrected by its marks; what `interrupt` took back is none
        of it.
        """
        taken = self._track.take(now_ms - self._lag_ms)
        return [(start_ms + self._lag_ms, mulaw) for start_ms, mulaw in taken]

    def forget_played(self) -> None:
        """Nobody will ask for `played` any more."""
        self._track.keep_no_longer()

    @property
    def playing(self) -> bool:
        """Something was said whose mark has not come back."""
        return any(not said.echoed for said in self._said)

    def is_idle(self, now_ms: float) -> bool:
        """Everything said was echoed, or its echo is overdue."""
        return all(self._is_over(said, now_ms) for said in self._said)

    def _fade_out(self, now_ms: float) -> tuple[str, ...]:
        """What follows a `clear`: the sound it cuts, from the sample where it cuts, running out.

        The carrier gets both after the same delay with which it got the sentence, so it has played just
        as far by then as our model says now.
        """
        tail = _fading(self._track.between(now_ms, FADE_MS * _BYTES_PER_MS))
        self._track.cut(now_ms - self._lag_ms)
        self._buffer_end_ms = now_ms + len(tail) / _BYTES_PER_MS
        if not tail:
            return ()
        self._track.sent(now_ms - self._lag_ms, tail)
        return (self._codec.media(tail),)

    def _unsent(self) -> _Said | None:
        return next((said for said in self._said if not said.marked), None)

    def _room_at(self, said: _Said) -> float:
        """When the next chunk fits into what the carrier may hold."""
        length = min(self._chunk_bytes, len(said.mulaw) - said.offset) / _BYTES_PER_MS
        return self._buffer_end_ms + length - self._ahead_ms

    def _send_chunk(self, said: _Said, now_ms: float) -> str:
        chunk = said.mulaw[said.offset : said.offset + self._chunk_bytes]
        said.offset += len(chunk)
        start_ms, length_ms = max(now_ms, self._buffer_end_ms), len(chunk) / _BYTES_PER_MS
        said.sent.append((start_ms, length_ms))
        self._track.sent(start_ms, chunk)
        self._buffer_end_ms = start_ms + length_ms
        return self._codec.media(chunk)

    def _send_mark(self, said: _Said, now_ms: float) -> str:
        said.marked = True
        said.end_ms = max(now_ms, self._buffer_end_ms)
        said.mulaw, said.offset = b"", 0  # sent: not kept for the rest of a long call
        return self._codec.mark(said.mark)

    def _correct_lag(self, said: _Said, now_ms: float | None) -> None:
        if now_ms is not None and said.marked:
            self._lag_ms = min(max(now_ms - said.end_ms, 0.0), MARK_GRACE_MS)

    def _is_over(self, said: _Said, now_ms: float) -> bool:
        if said.echoed:
            return True
        return said.marked and now_ms >= said.end_ms + self._lag_ms + MARK_GRACE_MS


def _fading(mulaw: bytes) -> bytes:
    """To silence in a straight line; nothing where all of it is silence."""
    sound = mulaw.rstrip(g711.SILENCE)
    samples = g711.decode_array(np.frombuffer(sound, dtype=np.uint8))
    faded = np.rint(samples * np.linspace(1, 0, samples.size)).astype(np.int16)
    return g711.encode_array(faded).tobytes()


def _cut(text: str, fraction: float) -> str:
    """The first ``fraction`` of the text, without the word it ends in."""
    if fraction >= 1.0:
        return text
    length = int(len(text) * fraction)
    if length < len(text) and not text[length].isspace():
        length = max(text.rfind(" ", 0, length), 0)
    return text[:length].rstrip()
