"""Whether this process makes traces, and for whom: nothing of OpenTelemetry is loaded where nobody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.errors import SettingsError

if TYPE_CHECKING:
    from agent.traces import Traces

SEND_LIMIT_S = 5.0


def check_endpoint(endpoint: str) -> None:
    """Raises SettingsError for what is no address of a collector."""
    parts = urlsplit(endpoint)
    if endpoint and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
        raise SettingsError(
            "OTEL_ENDPOINT is no address of a collector",
            fix="Write it as http://127.0.0.1:4318/v1/traces; what logs in there goes into the environment, "
            "OTEL_EXPORTER_OTLP_HEADERS.",
        )


def open_traces(endpoint: str, *, instance: str) -> Traces | None:
    """None where no endpoint is set. Raises SettingsError where the packages are not there."""
    if not endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from agent.traces import Traces
    except ImportError as problem:
        raise SettingsError(
            "OTEL_ENDPOINT is set, and OpenTelemetry is not installed",
            fix="pip install -r requirements-otel.txt, or remove OTEL_ENDPOINT.",
        ) from problem
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=SEND_LIMIT_S)
    return Traces(BatchSpanProcessor(exporter), instance=instance)
