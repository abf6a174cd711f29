"""What the REST side answers: resources, pages of them, and refusals with Twilio's numbers.

Sources: https://www.twilio.com/docs/api/errors, https://www.twilio.com/docs/usage/twilios-response (pages).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse

from telephony.double.progress import stamp

Resource = dict[str, object]

PAGE_SIZE, LARGEST_PAGE = 50, 1_000


class Refusal(Exception):
    """A request that is answered with an error, ``code`` being Twilio's number for it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> JSONResponse:
        info = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": self.message, "more_info": info, "status": self.status}
        return JSONResponse(body, self.status)


def not_found(request: Request) -> Refusal:
    path = request.url.path.partition("/Accounts/")[2].partition("/")[2]
    return Refusal(404, 20404, f"The requested resource /{path} was not found")


def dates(created: datetime, updated: datetime | None = None) -> Resource:
    return {"date_created": stamp(created), "date_updated": stamp(updated or created)}


def filtered(request: Request, names: Mapping[str, str], resources: Iterable[Resource]) -> list[Resource]:
    """Those whose fields have the query's values; ``names`` is query name to field."""
    wanted = {
        field: request.query_params[name] for name, field in names.items() if name in request.query_params
    }
    return [each for each in resources if all(each[field] == value for field, value in wanted.items())]


def page(request: Request, name: str, resources: Sequence[Resource]) -> Resource:
    """One page of a list, the newest first, with the addresses of its neighbours."""
    size = min(_whole(request, "PageSize", PAGE_SIZE), LARGEST_PAGE) or 1
    number = _whole(request, "Page", 0)
    start = number * size
    chosen = list(reversed(resources))[start : start + size]
    return {
        name: chosen,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(chosen) - 1),
        "uri": _uri(request, number, size),
        "first_page_uri": _uri(request, 0, size),
        "next_page_uri": _uri(request, number + 1, size) if start + size < len(resources) else None,
        "previous_page_uri": _uri(request, number - 1, size) if number else None,
    }


def _uri(request: Request, number: int, size: int) -> str:
    query = {**request.query_params, "Page": str(number), "PageSize": str(size)}
    return f"{request.url.path}?{urlencode(query)}"


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdigit():
        raise Refusal(400, 20001, f"{name} is not a number")
    return int(text)
