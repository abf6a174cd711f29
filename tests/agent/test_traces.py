"""One trace a call, a span a turn and one a stage: with codes, and nothing that anybody said."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.stages import Stage, Stages
from agent.traces import Traces, coded
from agent.tracing import check_endpoint, open_traces
from models.domain import Heard, Intent, Phase, Transcript, Understanding
from models.errors import SettingsError

SAID = "I am Zebulon Quackenbush, born 1933-02-17, call +16175550187"
CALL = "CA0123456789abcdef0123456789abcdef"


class Exported:
    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.traces = Traces(SimpleSpanProcessor(self._spans), instance="here:1")

    def all(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.all() if span.name == name]


@pytest.fixture
def exported() -> Exported:
    return Exported()


def heard() -> Heard:
    return Heard(
        Understanding(Transcript(SAID, 0.9), Intent.REFILL_REQUEST, (Intent.REFILL_REQUEST,), 0.9, {})
    )


async def one_turn(traces: Traces, *, resumed: bool = False) -> None:
    stages = Stages(traces.call(CALL, resumed=resumed))
    stages.passed(Stage.RECOGNISE, 1_000, 1_300)
    stages.passed(Stage.UNDERSTAND, 1_300, 1_350)
    stages.turn(1, heard())
    stages.decided(1_350, 1_360, Phase.SERVING, ())
    stages.acted("RequestRefill", "done", 1_360)
    stages.close("stopped")


async def test_a_turn_is_a_span_under_its_call_and_its_stages_are_spans_under_it(exported: Exported) -> None:
    await one_turn(exported.traces)
    (call,), (turn,) = exported.named("call"), exported.named("turn")
    assert turn.parent
    assert call.context
    assert turn.parent.span_id == call.context.span_id
    stages = [span for span in exported.all() if span.parent and span.parent.span_id == turn.context.span_id]
    assert [span.name for span in stages] == ["recognise", "understand", "decide", "act"]
    recognise = stages[0]
    assert recognise.end_time
    assert recognise.start_time
    assert recognise.end_time - recognise.start_time == 300_000_000
    assert turn.start_time == recognise.start_time
    assert dict(turn.attributes or {}) == {
        "firstring.turn": 1, "firstring.began": "Heard", "firstring.intent": "refill_request",
    }  # fmt: skip


async def test_a_call_that_another_process_takes_over_stays_one_trace(exported: Exported) -> None:
    other = Exported()
    await one_turn(exported.traces)
    await one_turn(other.traces, resumed=True)
    here = {span.context.trace_id for span in exported.all() if span.context}
    there = {span.context.trace_id for span in other.all() if span.context}
    assert len(here) == 1
    assert here == there


async def test_nothing_that_was_said_is_in_a_span(exported: Exported) -> None:
    await one_turn(exported.traces)
    told = " ".join(span.to_json() for span in exported.all())
    for canary in ("Zebulon", "Quackenbush", "1933", "5550187"):
        assert canary not in told


@pytest.mark.parametrize(
    "value", [SAID, "Zebulon Quackenbush", "+16175550187", "6175550187", "02138", "a" * 65, 1933]
)
def test_what_is_no_code_is_left_out(value: str | int) -> None:
    assert coded({"intent": value, "phase": value, "call_id": value, "action": value}) == {}
    assert coded({"name": "refill_request"}) == {}, "a key that is not listed"


async def test_a_call_without_an_end_of_words_holds_no_more_than_so_much(exported: Exported) -> None:
    stages = Stages(exported.traces.call(CALL, resumed=False))
    for number in range(1_000):
        stages.passed(Stage.RECOGNISE, number, number + 1)
    stages.turn(1, heard())
    stages.close("stopped")
    assert len(exported.named("recognise")) == 200


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """What takes OTLP over HTTP, and keeps it."""
    taken: list[bytes] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    server.shutdown()
    thread.join()
    server.server_close()


async def test_spans_reach_a_collector(
    collector: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    endpoint, taken = collector
    traces = open_traces(endpoint, instance="here:1")
    assert traces
    await one_turn(traces)
    traces.close()
    sent = b"".join(taken)
    assert b"recognise" in sent
    assert b"service.instance.id" in sent
    assert b"Zebulon" not in sent


def test_nothing_is_loaded_where_nobody_asks() -> None:
    script = "import sys, agent.web; sys.exit(any(n.startswith('opentelemetry.sdk') for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
    assert open_traces("", instance="here") is None


@pytest.mark.parametrize(
    "wrong", ["collector:4318", "ftp://x/v1/traces", "http://user:secret@x/v1/traces", "http://"]
)
def test_an_endpoint_that_is_none_is_named_without_its_secret(wrong: str) -> None:
    with pytest.raises(SettingsError, match="OTEL_ENDPOINT") as caught:
        check_endpoint(wrong)
    assert "secret" not in str(caught.value)
