"""The listening ports: free, or held by this very server, which proves itself with a secret of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx

from agent import proof
from agent.doctor.findings import Finding, fail, ok
from agent.settings import Settings

LIMIT_S = 3.0
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def ports(chosen: Settings) -> Iterator[Finding]:
    yield port("public port", "PORT", chosen.host, chosen.port, chosen)
    yield port("private port", "PRIVATE_PORT", chosen.private_host, chosen.private_port, chosen)


def port(check: str, setting: str, host: str, number: int, chosen: Settings) -> Finding:
    problem = cannot_bind(host, number)
    if not problem:
        return ok(check, f"{host}:{number} is free")
    if is_ours(local_url(host, number), chosen):
        return ok(check, f"{host}:{number} is held by this server, which is running")
    fix = (
        f"Stop what uses it, or set {setting} to another; the address is {setting.replace('PORT', 'HOST')}'s."
    )
    return fail(check, f"{host}:{number} cannot be listened on: {problem}", fix)


def cannot_bind(host: str, number: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
            probe.listen(1)
        except OSError as problem:
            return problem.strerror or type(problem).__name__
    return ""


def local_url(host: str, number: int) -> str:
    host = ANY.get(host, host)
    return f"http://[{host}]:{number}" if ":" in host else f"http://{host}:{number}"


def is_ours(base_url: str, chosen: Settings) -> bool:
    """Whether the server of this data folder answers there."""
    if not proof.known(chosen):
        return False
    challenge = proof.challenge()
    try:
        with httpx.Client(timeout=LIMIT_S, trust_env=False) as http:
            answer = http.get(f"{base_url}/healthz", headers={proof.CHALLENGE: challenge})
    except httpx.HTTPError:
        return False
    return proof.holds(chosen, challenge, answer.headers.get(proof.PROOF, ""))
