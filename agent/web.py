"""The web process: the public listener (the carrier) and the private one (staff, chart, metrics)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import hmac
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import partial

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

import console
import ehr_writeback
from agent import event_loop, listening, logs, proof, recording, settings, standing, writeback_figures
from agent.answering import Answering
from agent.background import keep_going
from agent.browser_calls import BrowserCalls, may_try
from agent.chart_references import tell_at_start
from agent.chart_tokens import add_key_set
from agent.custody import daily
from agent.draining import LeaveToSiblings, Standing, hand_over
from agent.hold_music import HOLD_SOUND, hold_music
from agent.keying import key_all
from agent.linking import EhrCharts
from agent.live_ports import live_ports
from agent.load_watch import watch_load
from agent.logs import log
from agent.patient_desk import PatientDesk
from agent.practice_settings import PracticeDesk
from agent.preparing import first_administrator
from agent.protocol_desk import ProtocolDesk
from agent.refill_desk import RefillDesk
from agent.refused import CountRefused
from agent.schedule_desk import elsewhere, note, schedule_of
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sign_on_settings import sign_on_of
from agent.starting import starting
from agent.workers import die_with_parent
from backends import fhir_routes
from dialog.wording import EMERGENCY
from models import records
from telephony.config import TelephonyConfig
from telephony.doors import build_doors
from telephony.tokens import StreamTokens
from telephony.webhooks import build_router as telephony_router

STAFF_BODY_BYTES, STAFF_BODY_S = 1_100_000, 15.0  # the chart's own limit is a little less, with better words


def public_app(
    services: Services, answering: Answering, sounds: Mapping[str, bytes] | None = None
) -> FastAPI:
    """What the carrier may reach: webhooks, the media stream, and two health pages that tell nothing."""
    sounds = {HOLD_SOUND: hold_music()} if sounds is None else sounds
    app = FastAPI(
        title="Firstring", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )  # a redirect would lead to whatever host the request names
    app.include_router(telephony_router(answering.config, answering))
    app.include_router(build_doors(answering.config, answering.doors(), sounds))
    add_health(app, settings.own_secret(services.settings, proof.SECRET), answering.standing)
    if services.settings.fhir_client_id:
        add_key_set(app, services.settings)
    if services.settings.expose_private:
        _add_private(app, services, answering)
    _limit_bodies(app, answering.config, staff_too=services.settings.expose_private)
    app.add_middleware(CountRefused)
    if services.settings.siblings:
        app.add_middleware(LeaveToSiblings, takes=answering.standing.takes)
    return app


def add_health(app: FastAPI, secret: str, standing: Standing) -> None:
    """``/healthz``: it is up. ``/readyz``: calls are taken; 503 while a balancer should ask others."""
    _add_healthz(app, secret)

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        models = "loaded" if standing.loaded else "loading"
        code = 200 if standing.takes() else 503
        return JSONResponse({"status": standing.word, "models": models}, status_code=code)


def _add_healthz(app: FastAPI, secret: str) -> None:
    """The process is up; and whose it is, for who knows ``secret``."""

    @app.get("/healthz")
    async def healthz(request: Request) -> JSONResponse:
        shown = proof.answer(secret, request.headers.get(proof.CHALLENGE, ""))
        return JSONResponse({"status": "up"}, headers={proof.PROOF: shown} if shown else None)


def private_app(services: Services, answering: Answering | None = None) -> FastAPI:
    """What staff may reach. Without ``answering`` no call can be made from their browser."""
    app = FastAPI(title="Firstring, private", docs_url=None, redoc_url=None, openapi_url=None)
    _add_healthz(app, settings.own_secret(services.settings, proof.SECRET))
    _add_private(app, services, answering)
    app.add_middleware(listening.BodyLimit, limit_bytes=STAFF_BODY_BYTES, limit_s=STAFF_BODY_S)
    return app


def _limit_bodies(app: FastAPI, config: TelephonyConfig, *, staff_too: bool) -> None:
    """Of every route, also those that want no body. The webhooks keep to their own limit in any case."""
    size, time_s = config.body_limit_bytes, config.body_limit_s
    if staff_too:
        size, time_s = STAFF_BODY_BYTES, STAFF_BODY_S
    app.add_middleware(listening.BodyLimit, limit_bytes=size, limit_s=time_s)


def _add_private(app: FastAPI, services: Services, answering: Answering | None) -> None:
    if not services.settings.fhir_base_url:
        backends, token = services.backends, services.settings.fhir_token
        app.include_router(fhir_routes.build_router(backends.chart, token, backends.operations))

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        if services.settings.expose_private and not _has_token(request, services.settings.fhir_token):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        told = standing.exposition(services, answering.ready if answering else lambda: False)
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    practice = services.practice
    pages = console.build_router(
        services.storage,
        services.clock,
        timezone=practice.timezone,
        practice_name=practice.name,
        ports=console_ports(services, answering),
        second_factor=services.settings.second_factor,
    )
    console.add_pages(app, pages)


def console_ports(services: Services, answering: Answering | None = None) -> console.Ports:
    return console.Ports(
        note_deeds=ehr_writeback.NOTE_DEEDS,
        note_page=ehr_writeback.note_on_paper,
        live=live_ports(services),
        read_note=ehr_writeback.note_standing,
        chart_advice=ehr_writeback.advice_on,
        retry_chart=lambda session, call_id, now: ehr_writeback.retry_dead(session, now, call_id=call_id),
        task_moved=services.task_moved,
        charts=EhrCharts(services) if services.settings.fhir_base_url else None,
        recordings=recording.folder_of(services),
        schedule=schedule_of(services),
        schedule_elsewhere=elsewhere(services),
        schedule_note=note(services),
        settings=PracticeDesk(services),
        refills=RefillDesk(services),
        patients=PatientDesk(services),
        sign_on=sign_on_of(services.settings, services.http) if services.http else None,
        protocols=ProtocolDesk(services),
        stopping=lambda: services.stopping,
        telephone=BrowserCalls(services, answering) if answering and may_try(services.settings) else None,
    )


def _has_token(request: Request, token: str) -> bool:
    """Figures tell how busy a practice is: outside the private listener they want the chart's token."""
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode())


def answering_of(services: Services) -> Answering:
    chosen, storage, clock = services.settings, services.storage, services.clock
    config = TelephonyConfig(
        public_url=chosen.public_url,
        account_sid=chosen.twilio_account_sid,
        practice_number=chosen.staff_number or services.practice.phone,
        unheard=EMERGENCY,
        auth_token=chosen.twilio_auth_token,
        other_token=chosen.twilio_auth_token_other,
    )

    async def burn(nonce: str) -> bool:
        return await storage.write(lambda session: records.burn_token(session, nonce, at=clock()))

    secret = settings.own_secret(chosen, "stream-token").encode()
    return Answering(services, config, StreamTokens(secret, clock, burn))


@contextlib.asynccontextmanager
async def running(chosen: Settings) -> AsyncIterator[tuple[Services, Answering]]:
    async with open_services(chosen) as services:
        if not chosen.second_factor:
            print("staff page: SECOND_FACTOR is off, a password alone opens it", flush=True)
        demo = chosen.demo_practice
        password = await first_administrator(services.storage, services.clock, demo=demo)
        if password:
            print(f"staff page: user 'admin', one-time password {password} (shown only now)", flush=True)
        answering = answering_of(services)
        await answering.look_at_models()
        await services.keeper.take_up_left()  # before a call that it belongs to goes on
        async with asyncio.TaskGroup() as background:
            tasks = [
                background.create_task(keep_going(name, work))
                for name, work in work_beside(services, answering).items()
            ]
            try:
                yield services, answering
            finally:
                for task in tasks:
                    task.cancel()


def work_beside(services: Services, answering: Answering) -> dict[str, Callable[[], Awaitable[None]]]:
    """What goes on beside the calls, by the names that log and figures have for it."""
    admission, storage = services.admission, services.storage
    return {
        "writeback": services.dispatcher.run,
        "tidying": answering.tidying.reconcile,
        "models": answering.watch_models,
        "transfers": answering.reaching.watch,
        "orders": services.live.watch,
        "texts": answering.sender.run,
        "pages": answering.paging.run,
        "clocks": answering.clocks.run,
        "keying": partial(key_all, storage),
        "practice": services.watch_practice,
        "keeping": services.keeper.run,
        "load": partial(watch_load, admission, lambda: answering.live_calls, lambda: storage.written),
        "writeback-figures": partial(writeback_figures.watch, services),
        "references": partial(tell_at_start, services.settings, services.chart),
        "retention": partial(daily.watch, services),
    }


async def serve(
    chosen: Settings, public: socket.socket, private: socket.socket, started: Callable[[], None]
) -> None:
    """Serves both listeners until SIGTERM or SIGINT. Callers first: staff's pages take their time to make."""
    async with running(chosen) as (services, answering):
        started()
        servers: list[uvicorn.Server] = []

        def stop() -> None:
            services.stopping = True
            for server in servers:
                server.should_exit = True

        def open_door(app: FastAPI, listener: socket.socket) -> None:
            servers.append(server := listening.server(app))
            server.should_exit = services.stopping  # as it may be by now
            tasks.create_task(server.serve(sockets=[listener]))

        async with asyncio.TaskGroup() as tasks:
            _on_signals(services, answering, stop, tasks)
            open_door(public_app(services, answering), public)
            open_door(await asyncio.to_thread(private_app, services, answering), private)
            gc.freeze()  # as agent/garbage.py, but with callers waiting: what is garbage by now is kept


def _on_signals(
    services: Services, answering: Answering, stop: Callable[[], None], tasks: asyncio.TaskGroup
) -> None:
    """The first lets the calls that are here go on for a while, the second ends them."""
    standing = answering.standing

    async def drain() -> None:
        log.info("server.draining", count=answering.live_calls)
        await standing.drain(lambda: answering.live_calls)
        if standing.siblings:
            await hand_over(services.live.moves, lambda: answering.live_calls)
        stop()

    def asked() -> None:
        if standing.draining or not standing.drain_s:
            stop()
        else:
            tasks.create_task(drain())

    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, asked)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="agent.web")
    parser.add_argument("--public-fd", type=int, required=True)
    parser.add_argument("--private-fd", type=int, required=True)
    options = parser.parse_args(arguments)
    die_with_parent()
    logs.configure()
    listening.allow_many_files()
    with starting("web") as started:
        chosen = settings.with_secrets(settings.load())
        with (
            socket.socket(fileno=options.public_fd) as public,
            socket.socket(fileno=options.private_fd) as private,
        ):
            event_loop.run(serve(chosen, public, private, started))


if __name__ == "__main__":
    main()
