"""Further doors of the carrier, each for one kind of thing that is under way: ``/twilio/<door>/<name>``.

As signed as the fixed ones. Nothing is remembered between requests: the name stands for a row in the
database, and what is done there is done once however often it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from fastapi import APIRouter, HTTPException, Request, Response

from telephony.config import TelephonyConfig
from telephony.in_time import in_time
from telephony.media_door import named
from telephony.signatures import Signatures
from telephony.signed_request import signed_fields

log = structlog.get_logger("telephony")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
SOUND = "audio/wav"


@dataclass(frozen=True, slots=True)
class Door:
    """``work`` gets the name and the signed fields, and answers TwiML, or "" where none is wanted.

    ``otherwise`` is answered in its place when it fails or takes too long.
    """

    work: Callable[[str, Mapping[str, str]], Awaitable[str]]
    otherwise: str = ""


def build_doors(config: TelephonyConfig, doors: Mapping[str, Door], sounds: Mapping[str, bytes]) -> APIRouter:
    """The routes, for the public listener. ``sounds`` are public wav files: ``GET /twilio/sound/<name>``."""
    router = APIRouter(prefix="/twilio", include_in_schema=False)
    signatures = Signatures(config)

    async def sound(name: str) -> Response:
        if name not in sounds:
            raise HTTPException(404)
        return Response(sounds[name], media_type=SOUND, headers={"Cache-Control": "public, max-age=86400"})

    async def open_door(door: str, name: str, request: Request) -> Response:
        form = await signed_fields(request, config, signatures)
        if door not in doors or not _NAME.fullmatch(name):
            raise HTTPException(404)
        document = await _answered(doors[door], door, name, form, config.handler_limit_s)
        return Response(document, media_type="application/xml") if document else Response(status_code=204)

    router.add_api_route("/sound/{name}", sound, methods=["GET", "HEAD"])
    router.add_api_route("/{door}/{name}", open_door, methods=["POST"])
    return router


async def _answered(door: Door, kind: str, name: str, form: Mapping[str, str], limit_s: float) -> str:
    try:
        return await in_time(door.work(name, form), limit_s)
    except Exception as failure:  # whatever it is, the carrier gets an answer
        log.error("webhook handler failed", door=kind, **named(failure))
        return door.otherwise
