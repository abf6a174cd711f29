"""Our server's public side, as far as the doctor looks: doors that check signatures, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI

from agent import proof
from agent.draining import Standing
from agent.settings import Settings, own_secret
from agent.web import add_health
from tests.telephony.agents import Desk
from tests.telephony.serving import app_of


def our_server(environ: Mapping[str, str]) -> FastAPI:
    app = app_of(Desk())
    secret = own_secret(Settings(data_dir=Path(environ["FIRSTRING_DATA_DIR"])), proof.SECRET)
    standing = Standing(siblings=False, drain_s=0)
    standing.loaded = True
    add_health(app, secret, standing)
    return app
