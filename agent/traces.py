"""Traces for OpenTelemetry, where OTEL_ENDPOINT asks for them: one a call, a span a turn and one a stage.

A span holds codes alone, by allow-list of keys and by their form: what was said, who called and whom they
named cannot get into one. A call that is taken over by another process goes on in the same trace.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, Tracer, set_span_in_context

from agent.instants import monotonic_ms
from agent.stages import Code, Stage

ALLOWED: Final = frozenset("call_id resumed ended turn began intent phase danger action".split())
BEFORE_ITS_TURN: Final = frozenset({Stage.RECOGNISE.value, Stage.UNDERSTAND.value})
MOST_STAGES: Final = 200  # of one turn: a caller who coughs for an hour fills no memory
_CODE: Final = re.compile(r"(?!.*\d{5})[A-Za-z0-9_.:-]{1,64}")
_CALL_ID: Final = re.compile(r"CA[0-9A-Za-z-]{1,64}")


class _Passed(NamedTuple):
    name: str
    from_ms: float
    to_ms: float
    codes: Mapping[str, Code]


class Traces:
    """This process's. ``processor`` has the finished spans; it is closed with this."""

    def __init__(self, processor: SpanProcessor, *, instance: str) -> None:
        about = {"service.name": "firstring", "service.version": importlib.metadata.version("firstring")}
        self._ids = _CallIds()
        resource = Resource({**about, "service.instance.id": instance})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("firstring")

    def call(self, call_id: str, *, resumed: bool) -> SpansOfCall:
        """The spans of one stream of a call, from now on."""
        self._ids.next_trace = _trace_id(call_id)
        return SpansOfCall(self._tracer, {"call_id": call_id, "resumed": resumed})

    def close(self) -> None:
        """Sends what is finished, as far as somebody takes it."""
        self._provider.shutdown()


class SpansOfCall:
    """A `stages.CallTrace`. A turn's spans are made when the turn is over."""

    def __init__(self, tracer: Tracer, codes: Mapping[str, Code]) -> None:
        self._tracer = tracer
        self._epoch_ns = time.time_ns() - round(monotonic_ms() * 1e6)  # of the loop's clock
        self._call = tracer.start_span("call", start_time=self._at(monotonic_ms()), attributes=coded(codes))
        self._turn: dict[str, Code] | None = None  # none before the first
        self._began_ms = 0.0
        self._passed: list[_Passed] = []
        self._early: list[_Passed] = []  # stages of the turn that they lead to

    def turn(self, at_ms: float, codes: Mapping[str, Code]) -> None:
        self._end_turn(at_ms)
        self._turn, self._passed, self._early = dict(codes), self._early, []
        self._began_ms = min([at_ms, *(stage.from_ms for stage in self._passed)])

    def stage(self, name: str, from_ms: float, to_ms: float, codes: Mapping[str, Code]) -> None:
        stages = self._early if name in BEFORE_ITS_TURN else self._passed
        if len(stages) < MOST_STAGES:
            stages.append(_Passed(name, from_ms, to_ms, codes))

    def close(self, at_ms: float, codes: Mapping[str, Code]) -> None:
        self._end_turn(at_ms)
        self._call.set_attributes(coded(codes))
        self._call.end(self._at(at_ms))

    def _end_turn(self, at_ms: float) -> None:
        if self._turn is None:
            return
        ended_ms = max((stage.to_ms for stage in self._passed), default=at_ms)
        turn = self._span("turn", self._call, self._began_ms, self._turn)
        for stage in self._passed:
            self._span(stage.name, turn, stage.from_ms, stage.codes).end(self._at(stage.to_ms))
        turn.end(self._at(ended_ms))
        self._turn = None

    def _span(self, name: str, parent: Span, from_ms: float, codes: Mapping[str, Code]) -> Span:
        context = set_span_in_context(parent)
        return self._tracer.start_span(name, context, start_time=self._at(from_ms), attributes=coded(codes))

    def _at(self, instant_ms: float) -> int:
        """Nanoseconds since 1970, as spans count."""
        return self._epoch_ns + round(instant_ms * 1e6)


class _CallIds(RandomIdGenerator):
    """A call's trace is found by its id, and the same in every process."""

    next_trace: int | None = None

    def generate_trace_id(self) -> int:
        chosen, self.next_trace = self.next_trace, None
        return super().generate_trace_id() if chosen is None else chosen


def coded(codes: Mapping[str, Code]) -> dict[str, Code]:
    """What may stand in a span: keys that are listed, with values that are codes or numbers of turns."""
    return {
        f"firstring.{key}": value for key, value in codes.items() if key in ALLOWED and _is_code(key, value)
    }


def _is_code(key: str, value: Code) -> bool:
    if isinstance(value, str):
        return bool((_CALL_ID if key == "call_id" else _CODE).fullmatch(value))
    return isinstance(value, bool) or key == "turn"


def _trace_id(call_id: str) -> int:
    return int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:16])
