"""Whether traces, where they are asked for, can be made and sent."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from agent.doctor.findings import Finding, fail, ok, warn
from agent.settings import Settings
from agent.tracing import open_traces
from models.errors import SettingsError

CHECK = "traces"
LIMIT_S = 3.0


def traces(chosen: Settings) -> Iterator[Finding]:
    """Nothing where there are none. Whoever does not answer gets none: no call waits for a collector."""
    if not chosen.otel_endpoint:
        return
    try:
        made = open_traces(chosen.otel_endpoint, instance="doctor")
    except SettingsError as problem:
        yield fail(CHECK, str(problem), problem.fix)
        return
    if made is not None:
        made.close()
    place = urlsplit(chosen.otel_endpoint)
    address = place.hostname or "", place.port or (443 if place.scheme == "https" else 80)
    try:
        socket.create_connection(address, LIMIT_S).close()
    except OSError:
        yield warn(
            CHECK,
            "nobody listens at OTEL_ENDPOINT: calls go on, their traces are lost",
            "Start the collector, or remove OTEL_ENDPOINT.",
        )
        return
    yield ok(CHECK, "somebody listens at OTEL_ENDPOINT")
