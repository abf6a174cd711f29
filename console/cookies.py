"""The session's cookie: bound to this host and to https, save on this machine itself."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from starlette.requests import HTTPConnection

SECURE = "__Host-firstring"  # browsers take it over https only, for this host and no other (RFC 6265bis)
PLAIN = "firstring"  # over http, on the loopback address only
ONLY_HTTPS = (
    "This page was opened over plain http from another machine. Open it over https, or through an SSH "
    "tunnel (docs/operate.md)."
)


def session_id(request: HTTPConnection) -> str:
    """The id that the browser shows, "" when it shows none."""
    found = request.cookies.get(SECURE)
    if found is None and _on_loopback(request):
        found = request.cookies.get(PLAIN)
    return found or ""


def keep(request: Request, response: Response, value: str, *, secure: bool = False) -> None:
    """Give the browser its session; ``secure``: the console is known to be opened over https. Raises
    HTTPException 403 where the way to it could be listened to."""
    secure = secure or _over_https(request)
    if not secure and not _on_loopback(request):
        raise HTTPException(403, ONLY_HTTPS)
    response.set_cookie(
        SECURE if secure else PLAIN, value, path="/", secure=secure, httponly=True, samesite="strict"
    )


def drop(response: Response) -> None:
    response.delete_cookie(SECURE, path="/", secure=True, httponly=True, samesite="strict")
    response.delete_cookie(PLAIN, path="/", httponly=True, samesite="strict")


def _over_https(request: Request) -> bool:
    """Whether the browser came over https: behind a proxy only the browser's own word for it is here."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


def _on_loopback(request: HTTPConnection) -> bool:
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
