"""The carrier's five doors: voice, resume, status, sms, and the media socket.

Nothing is looked at before its signature. A caller is never left with an error: what we cannot
answer, the practice's own telephone does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
from fastapi import APIRouter, HTTPException, Request, Response, WebSocket

from models.errors import ProtocolError
from telephony import replays, twiml
from telephony.config import ASK_AGAIN, UNSERVED, TelephonyConfig
from telephony.events import StreamStarted
from telephony.handlers import CallHandlers, arriving_call, is_call_sid, was_reached
from telephony.in_time import in_time
from telephony.media_door import Begin, MediaDoor, named
from telephony.metrics import PASSED_ON
from telephony.signatures import Signatures
from telephony.signed_request import given_once, signed_fields, target
from telephony.tokens import TokenClaim

log = structlog.get_logger("telephony")

Document = Callable[[], Awaitable[str]]
Fallback = Callable[[], str]


def build_router(config: TelephonyConfig, handlers: CallHandlers) -> APIRouter:
    """The routes under ``/twilio``, for the public listener."""
    edge = _Edge(config, handlers)
    router = APIRouter(prefix="/twilio", include_in_schema=False)
    router.add_api_route("/voice", edge.voice, methods=["POST"])
    router.add_api_route("/resume", edge.resume, methods=["POST"])
    router.add_api_route("/status", edge.status, methods=["POST"])
    router.add_api_route("/sms", edge.sms, methods=["POST"])
    router.add_api_websocket_route("/media/{token}", edge.media)
    return router


class _Edge:
    def __init__(self, config: TelephonyConfig, handlers: CallHandlers) -> None:
        self._config = config
        self._handlers = handlers
        self._signatures = Signatures(config)
        self._replays = replays.Replays()
        self._media = MediaDoor(config, handlers)

    async def voice(self, request: Request) -> Response:
        form = await self._call_form(request)
        call = arriving_call(form)
        return await self._call_document(
            "voice", form, replays.voice_key(form), lambda: self._handlers.arriving(call)
        )

    async def resume(self, request: Request) -> Response:
        form = await self._call_form(request)
        key = replays.resume_key(form, request.headers)
        return await self._call_document(
            "resume", form, key, lambda: self._handlers.resuming(form["CallSid"], form)
        )

    async def status(self, request: Request) -> Response:
        form = await self._call_form(request)

        async def take() -> str:
            await self._handlers.status(form["CallSid"], form)
            return ""

        await self._answered("status", replays.status_key(form), take, lambda: "")
        return Response(status_code=204)

    async def sms(self, request: Request) -> Response:
        form = await signed_fields(request, self._config, self._signatures)
        key, nothing = replays.sms_key(form), partial(twiml.reply_by_message, "")
        return _xml(await self._answered("sms", key, lambda: self._handlers.sms(form), nothing))

    async def media(self, socket: WebSocket) -> None:
        """Refused before it is accepted unless signed, with a live token, and we are ready."""
        await self._media.enter(socket, self._admit)

    async def _admit(self, socket: WebSocket) -> Begin:
        self._signatures.check_upgrade(target(socket), given_once(socket.headers))
        claim = self._handlers.tokens.check(socket.path_params["token"])
        return partial(self._begin, claim)

    async def _begin(self, claim: TokenClaim, started: StreamStarted) -> None:
        """The start message names our account and the token's own call; the token is burned."""
        if started.account_sid != self._config.account_sid:
            raise ProtocolError("the stream belongs to another account")
        await in_time(self._handlers.tokens.bind(claim, started.call_sid), self._config.answer_limit_s)

    async def _call_form(self, request: Request) -> dict[str, str]:
        form = await signed_fields(request, self._config, self._signatures)
        if not is_call_sid(form.get("CallSid", "")):
            raise HTTPException(400)
        return form

    async def _call_document(self, door: str, form: Mapping[str, str], key: str, work: Document) -> Response:
        if not self._handlers.ready():
            return _xml(self._unserved(door, form, "not-ready"))
        failed = partial(self._unserved, door, form, "failed")
        return _xml(await self._answered(door, key, work, failed, self._config.answer_limit_s))

    def _unserved(self, door: str, form: Mapping[str, str], reason: str) -> str:
        """From the form alone, so that nothing can go wrong: the practice's telephone, rung once at most."""
        if was_reached(form):
            return twiml.hang_up()
        PASSED_ON.labels(reason).inc()
        log.error("call.passed_on", call_sid=form["CallSid"], code=reason)
        number, next_url = self._config.practice_number, self._config.url(UNSERVED) + ASK_AGAIN
        if form.get("DialCallStatus") or arriving_call(form).came_by(number):
            return twiml.go_to(next_url)
        words = self._config.unheard if door == "voice" else ""  # nobody has heard yet what they want
        return twiml.dial_practice(number, words, next_url)

    async def _answered(
        self, door: str, key: str, work: Document, fallback: Fallback, limit_s: float | None = None
    ) -> str:
        try:
            once = self._replays.once(key, work)
            return await in_time(once, limit_s or self._config.handler_limit_s)
        except Exception as failure:  # whatever it is, the carrier gets an answer
            log.error("webhook handler failed", door=door, **named(failure))
            return fallback()


def _xml(document: str) -> Response:
    return Response(document, media_type="application/xml")
