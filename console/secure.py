"""What every console answer carries, also errors: headers that keep it private and unframed."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from console import routes
from models.errors import FirstringError, NotFound

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" would make browsers hide a form's origin from us
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TITLES = {
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    409: "This was not done",
    429: "Please wait a moment",
}

templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


POST_FORM = re.compile(r'<form method="post"[^>]*>')  # as templates write it; what people say is escaped


def render(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. Its POST forms get the session's token, so that no template can forget it."""
    page = templates.get_template(name).render(**values)
    staff = values.get("staff")
    if staff is not None:
        field = f'<input type="hidden" name="form_token" value="{staff.form_token}">'
        page = POST_FORM.sub(lambda form: form[0] + field, page)
    return HTMLResponse(page, status)


class SecureRoute(APIRoute):
    """A route whose every answer has `HEADERS`, and whose errors are pages without inner details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                response = await handle(request)
            except (HTTPException, RequestValidationError, FirstringError) as error:
                response = _error_page(request, error)
            response.headers.update(HEADERS)
            return response

        return handled


def _error_page(request: Request, error: HTTPException | RequestValidationError | FirstringError) -> Response:
    if isinstance(error, HTTPException):
        status, detail, headers = error.status_code, str(error.detail), dict(error.headers or {})
    elif isinstance(error, RequestValidationError):
        status, detail, headers = 400, "This request is not one that the page makes.", {}
    else:
        status = 404 if isinstance(error, NotFound) else 503
        detail, headers = ("There is no such record." if status == 404 else f"{error} {error.fix}"), {}
    staff = getattr(request.state, "staff", None)
    page = render(
        "error.html",
        status,
        title=TITLES.get(status, "Something went wrong"),
        detail=detail,
        staff=staff,
        menu=routes.menu(staff.roles) if staff and not staff.due else (),
        record=getattr(error, "record", ""),
    )
    page.headers.update(headers)
    return page


def from_our_own_page(request: Request) -> None:
    """Refuse a form that another site's page sent with this browser's sign-in. Raises HTTPException 403.

    Browsers name the origin of every POST; a program without a browser has no sign-in to abuse.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    same_origin = origin is None or is_our_own_page(request)
    if not same_origin or (origin is None and site not in (None, "same-origin", "none")):
        raise HTTPException(403, "This form was sent from another site.")


def is_our_own_page(connection: HTTPConnection) -> bool:
    """Whether the request names our own host as the origin of the page that makes it."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")
