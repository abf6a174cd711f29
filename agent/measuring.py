"""Which calls are being measured: how long they have rung, and the trace that each stream writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from agent.conversation import Conversation
from agent.instants import monotonic_ms
from agent.services import Services
from agent.stages import Stages
from telephony.media_stream import MediaStream

MOST_RINGING = 1_000


class Measuring:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._rang_ms: dict[str, float] = {}  # calls answered here whose stream has not come yet

    def rings(self, call_id: str) -> None:
        """The carrier asks who answers. Of callers who never come it is forgotten when others have rung."""
        if len(self._rang_ms) >= MOST_RINGING:
            del self._rang_ms[next(iter(self._rang_ms))]
        self._rang_ms.setdefault(call_id, monotonic_ms())

    @contextlib.contextmanager
    def stream(self, conversation: Conversation, media: MediaStream) -> Iterator[None]:
        """While a stream is served, its conversation's stages are measured as one."""
        call_id, traces = conversation.call_id, self._services.traces
        trace = traces.call(call_id, resumed=not conversation.is_new) if traces else None
        conversation.stages = Stages(trace, self._rang_ms.pop(call_id, None))
        try:
            yield
        finally:
            conversation.stages.close(str(media.ended or "unknown"))
