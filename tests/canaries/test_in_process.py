"""A call by keyboard in this process: its log, figures and spans hold none of what was said."""

from __future__ import annotations

import logging

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent import logs, standing
from agent.stages import Stages
from agent.traces import Traces
from tests.canaries.planted import BORN_SPOKEN, COMPLAINT, MEDICINE, NAME, NUMBER, SAYS, hits
from tests.canaries.surfaces import leaks
from tests.conversations.conftest import Line, line, mind, seeded

__all__ = ["line", "mind", "seeded"]

TURNS = (
    f"this is {NAME}, I need my {MEDICINE}", NAME, BORN_SPOKEN, "yes", f"my number is {NUMBER}", SAYS,
    COMPLAINT, "yes", "no that's all",
)  # fmt: skip


async def test_figures_and_spans_of_a_call_hold_none(
    line: Line, own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(logging.DEBUG)
    spans = InMemorySpanExporter()
    traces = Traces(SimpleSpanProcessor(spans), instance="here:1")
    call = await line.call(NUMBER, "CA" + "5" * 32)
    conversation = call.keyboard.conversation
    conversation.stages = Stages(traces.call(conversation.call_id, resumed=False))
    for words in TURNS:
        await call.says(words)
    record = await call.hangs_up()
    conversation.stages.close("stopped")
    told = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert hits(" ".join(turn.caller_text for turn in record.turns)), "they were said, and are in the record"
    assert told.count('"name": "turn"') == len(TURNS)
    assert "RedFlag" not in told
    said = capsys.readouterr()
    figures = standing.exposition(line.services, lambda: True)
    assert b'firstring_turns_total{began="Heard"}' in figures
    surfaces = {"spans": told.encode(), "figures": figures, "log": (said.err + said.out).encode()}
    assert leaks(surfaces) == []
