"""A browser without a screen: the console over HTTP, in process."""

from __future__ import annotations

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

PASSWORD = "correct horse battery staple"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)  # cheap, for tests


def browser(app: FastAPI, name: str | None = "kim", password: str = PASSWORD) -> httpx.AsyncClient:
    auth = httpx.BasicAuth(name, password) if name else None
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test", auth=auth)


async def page(app: FastAPI, path: str) -> str:
    async with browser(app) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text
