"""A browser without a screen: the console over HTTP, in process, signed in through its own form."""

from __future__ import annotations

import re
from typing import Any, Self

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

PASSWORD = "correct horse battery staple"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)  # cheap, for tests
HOST = "https://desk.test"


class Browser(httpx.AsyncClient):
    """Signs in on entering, and sends with every form the token that its pages carry."""

    def __init__(self, app: FastAPI, name: str | None, password: str) -> None:
        super().__init__(transport=httpx.ASGITransport(app), base_url=HOST)
        self.person = (name, password)
        self.form_token = ""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        name, password = self.person
        if name is not None:
            await self.sign_in(name, password)
        return self

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        answer = await self.post("/sign-in", data={"name": name, "password": password})
        await self.take_token()
        return answer

    async def take_token(self) -> None:
        """Look at a page that every person has, for the token of its forms."""
        page = await self.get("/password")
        while page.status_code == 303 and page.headers["location"] != "/sign-in?next=%2Fpassword":
            page = await self.get(page.headers["location"])
        found = re.search(r'name="form_token" value="(\w+)"', page.text)
        self.form_token = found[1] if found else ""

    async def post(self, url: Any, **more: Any) -> httpx.Response:
        data = {"form_token": self.form_token} | dict(more.pop("data", None) or {})
        return await super().post(url, data=data, **more)


def browser(app: FastAPI, name: str | None = "kim", password: str = PASSWORD) -> Browser:
    return Browser(app, name, password)


async def page(app: FastAPI, path: str, name: str = "kim") -> str:
    async with browser(app, name) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text
