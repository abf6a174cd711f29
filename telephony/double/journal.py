"""Keeps a call's result while it happens, and tells the observer."""

from __future__ import annotations

from collections.abc import Callable

from telephony.double.result import (
    AgentSegment,
    CallerUtterance,
    CallEvent,
    CallResult,
    Detail,
    Ending,
    Kind,
    Observer,
    StreamTimes,
)


class Journal:
    """``now_ms`` is the call's clock: ms since it was placed."""

    def __init__(self, result: CallResult, now_ms: Callable[[], float], observer: Observer | None) -> None:
        self.result = result
        self.now_ms = now_ms
        self._observer = observer

    def note(self, kind: Kind, **detail: Detail) -> float:
        event = CallEvent(self.now_ms(), kind, detail)
        self.result.events.append(event)
        if self._observer is not None:
            self._observer(event)
        return event.at_ms

    def warn(self, text: str) -> None:
        self.result.warnings.append(text)
        self.note(Kind.WARNING, text=text)

    def document(self, url: str, text: str) -> None:
        self.result.documents.append(text)
        self.note(Kind.DOCUMENT, url=url, twiml=text)

    def stream_started(self, stream_sid: str) -> StreamTimes:
        times = StreamTimes(stream_sid, self.note(Kind.STREAM_STARTED, stream_sid=stream_sid))
        self.result.streams.append(times)
        return times

    def stream_ended(self, times: StreamTimes, ended_by: str) -> None:
        times.ended_by = ended_by
        times.ended_ms = self.note(Kind.STREAM_ENDED, stream_sid=times.stream_sid, by=ended_by)

    def caller_speaks(self, label: str, *, barged: bool) -> None:
        at_ms = self.note(Kind.CALLER_SPEAKING, label=label, barged=barged)
        self.result.utterances.append(CallerUtterance(label, barged, at_ms))

    def caller_spoke(self) -> None:
        utterance = self.result.utterances[-1]
        utterance.speech_ended_ms = self.note(Kind.CALLER_SPOKE, label=utterance.label)

    def media_received(self, *, audible: bool, drained: bool) -> None:
        """A reply is the first audible media on a silent line, or after a clear, since the caller began."""
        if not audible or not self.result.streams:
            return
        stream = self.result.streams[-1]
        if stream.first_audio_ms is None and stream.ended_ms is None:
            stream.first_audio_ms = self.now_ms()
        utterance = self._unanswered()
        if utterance is not None and (drained or utterance.cleared):
            utterance.reply_received_ms = self.now_ms()
            self.note(Kind.REPLY, label=utterance.label, reply_ms=_rounded(utterance.reply_ms))

    def agent_heard(self) -> None:
        """An audible frame of the agent was played."""
        utterance = self.result.utterances[-1] if self.result.utterances else None
        if utterance and utterance.reply_received_ms is not None and utterance.reply_heard_ms is None:
            utterance.reply_heard_ms = self.now_ms()

    def segment(self, segment: AgentSegment) -> None:
        self.result.segments.append(segment)
        self.note(Kind.AGENT_SPOKE, start_ms=round(segment.start_ms), end_ms=round(segment.end_ms))

    def cleared(self) -> None:
        self.result.clears.append(self.note(Kind.CLEAR))
        if self.result.utterances:
            self.result.utterances[-1].cleared = True

    def marked(self, name: str) -> None:
        self.result.marks.append((self.note(Kind.MARK, name=name), name))

    def key(self, digit: str) -> None:
        self.result.keys.append((self.note(Kind.KEY, digit=digit), digit))

    def ended(self, ending: Ending, detail: str = "") -> None:
        self.result.ended, self.result.ended_detail = ending, detail
        self.note(Kind.ENDED, how=str(ending), what=detail)

    def _unanswered(self) -> CallerUtterance | None:
        last = self.result.utterances[-1] if self.result.utterances else None
        return last if last is not None and last.reply_received_ms is None else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
