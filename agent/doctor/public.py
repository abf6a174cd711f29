"""PUBLIC_URL as the carrier will use it: name, certificate, proxy, web sockets, and what must stay hidden."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

import httpx

from agent import proof
from agent.doctor.findings import Finding, Outcome, fail, not_checked, ok, warn
from agent.doctor.ports import is_ours, local_url
from agent.settings import Settings
from telephony.config import check_public_url

LIMIT_S = 10.0
LEAST_DAYS = 14  # a certificate that renews itself has more left
OUTSIDE = (
    "A machine behind a router often cannot reach its own public address: try the same from elsewhere, "
    "for example `curl -fsS {url}`."
)
PRIVATE_PATHS = ("/", "/fhir/metadata", "/metrics")
HTTPS_PORT = 443


def public_url(chosen: Settings) -> Iterator[Finding]:
    if not chosen.public_url:
        yield fail(
            "public address",
            "not set: PUBLIC_URL",
            "Set it to the https address that stands at the carrier; docs/twilio.md, step 3.",
        )
        return
    check_public_url(chosen.public_url)
    parts = urlsplit(chosen.public_url)
    yield _form(parts)
    name = _name(parts)
    yield name
    if name.outcome is not Outcome.FAIL:
        yield _certificate(parts)
        yield from _through_the_proxy(chosen)


def _form(parts: SplitResult) -> Finding:
    check = "public address"
    if parts.scheme != "https":
        return warn(
            check, f"{parts.geturl()} is on this machine only", "Set the https address for real calls."
        )
    if parts.path:
        return warn(
            check,
            f"{parts.geturl()} has a path",
            f"The proxy must strip {parts.path}: our own paths begin with /twilio.",
        )
    return ok(check, parts.geturl())


def _name(parts: SplitResult) -> Finding:
    check, host = "public name", str(parts.hostname)
    try:
        found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    except OSError as problem:
        return fail(
            check, f"{host} has no address ({problem.strerror})", "Make a DNS entry, or correct PUBLIC_URL."
        )
    addresses = sorted({str(entry[4][0]) for entry in found})
    inner = [each for each in addresses if not ipaddress.ip_address(each.partition("%")[0]).is_global]
    if inner:
        return warn(
            check,
            f"{host} is {', '.join(inner)} here, which the carrier cannot reach",
            "Right if this machine uses a name server of its own; the world must see a public address.",
        )
    return ok(check, f"{host} is {', '.join(addresses)}")


def _port(parts: SplitResult) -> int:
    return parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)


def _certificate(parts: SplitResult) -> Finding:
    check, host = "certificate", str(parts.hostname)
    if parts.scheme != "https":
        return not_checked(check, "PUBLIC_URL is not https")
    try:
        with (
            socket.create_connection((host, _port(parts)), LIMIT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
        ):
            ends = str((secure.getpeercert() or {}).get("notAfter", ""))
    except ssl.SSLCertVerificationError as problem:
        return fail(
            check,
            f"not trusted: {problem.verify_message}",
            "Use a certificate that browsers trust, for this name, with its whole chain (fullchain.pem).",
        )
    except OSError as problem:
        text = problem.strerror or type(problem).__name__
        return fail(
            check, f"{host}:{_port(parts)} cannot be reached ({text})", OUTSIDE.format(url=parts.geturl())
        )
    return _days_left(check, ends)


def _days_left(check: str, ends: str) -> Finding:
    days = int((ssl.cert_time_to_seconds(ends) - time.time()) // 86_400)
    detail = f"trusted, {days} days left"
    if days < LEAST_DAYS:
        return warn(check, detail, "Renew it now, and see that it is renewed by itself.")
    return ok(check, detail)


def _through_the_proxy(chosen: Settings) -> Iterator[Finding]:
    """What the carrier would meet. Only a running server can be asked."""
    check = "public way in"
    if not is_ours(local_url(chosen.host, chosen.port), chosen):
        yield not_checked(check, "the server is not running; start it and run the doctor once more")
        return
    with httpx.Client(timeout=LIMIT_S, trust_env=False, verify=ssl.create_default_context()) as http:
        reached = _health(check, chosen, http)
        yield reached
        if not reached.fix:
            yield _unsigned(chosen.public_url, http)
            yield _socket(chosen.public_url, http)
            yield _hidden(chosen, http)


def _health(check: str, chosen: Settings, http: httpx.Client) -> Finding:
    url, asked = f"{chosen.public_url}/healthz", proof.challenge()
    try:
        answer = http.get(url, headers={proof.CHALLENGE: asked})
    except httpx.HTTPError as problem:
        return fail(check, f"{url} does not answer ({type(problem).__name__})", OUTSIDE.format(url=url))
    if proof.holds(chosen, asked, answer.headers.get(proof.PROOF, "")):
        return ok(check, f"{url} leads to this server")
    return fail(
        check,
        f"{url} answers {answer.status_code}, but it is not this server",
        f"Point the proxy at {local_url(chosen.host, chosen.port)}, with paths and headers unchanged.",
    )


def _unsigned(base: str, http: httpx.Client) -> Finding:
    """A request that nobody signed must come to us, and be refused by us."""
    check = "signature check"
    form = {"CallSid": "CA" + "0" * 32, "AccountSid": "AC" + "0" * 32}
    try:
        answer = http.post(f"{base}/twilio/voice", data=form, headers={"X-Twilio-Signature": "wrong"})
    except httpx.HTTPError as problem:
        return fail(check, f"no answer ({type(problem).__name__})", "Let the proxy pass POST /twilio/voice.")
    if answer.status_code == 403 and _by_us(answer):
        return ok(check, "a wrong signature is refused by this server")
    return fail(
        check,
        f"a wrong signature is answered {answer.status_code}{'' if _by_us(answer) else ' by the proxy'}",
        "Let the proxy pass POST /twilio/voice unchanged: no redirect, no firewall page, no login.",
    )


def _by_us(answer: httpx.Response) -> bool:
    """Our refusals are FastAPI's JSON; a proxy's own are pages."""
    return str(answer.headers.get("content-type", "")).startswith("application/json")


def _socket(base: str, http: httpx.Client) -> Finding:
    """An unsigned upgrade: 403 from us, before the socket opens. Without upgrade headers we would say 404."""
    check = "web socket"
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",  # RFC 6455 section 4.1: any 16 bytes
    }
    fix = "Let the proxy pass Upgrade and Connection (nginx: proxy_http_version 1.1); docs/twilio.md, step 3."
    try:
        answer = http.get(f"{base}/twilio/media/{secrets.token_hex(8)}", headers=headers)
    except httpx.HTTPError as problem:
        return fail(check, f"no answer to an upgrade ({type(problem).__name__})", fix)
    if answer.status_code == 403 and not _is_page(answer):
        return ok(check, "an unsigned upgrade passes the proxy and is refused by this server")
    if answer.status_code in (404, 405):  # it came as a plain GET: here are sockets only, beside it POST
        return fail(check, "the proxy takes the upgrade off: no caller would be heard", fix)
    return fail(check, f"an unsigned upgrade is answered {answer.status_code} by the proxy", fix)


def _is_page(answer: httpx.Response) -> bool:
    return "html" in answer.headers.get("content-type", "")


def _hidden(chosen: Settings, http: httpx.Client) -> Finding:
    check = "staff pages"
    shown = [path for path in PRIVATE_PATHS if _answers(http, chosen.public_url + path)]
    if not shown:
        return ok(check, "not reachable from outside")
    if chosen.expose_private:
        return warn(
            check, f"{', '.join(shown)} answer from outside: EXPOSE_PRIVATE is set", "See `private listener`."
        )
    return fail(
        check,
        f"{', '.join(shown)} answer from outside",
        f"Let the proxy forward to port {chosen.port} only, never to PRIVATE_PORT {chosen.private_port}.",
    )


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code != 404
    except httpx.HTTPError:
        return False
