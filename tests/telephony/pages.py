"""A server of a few documents, which keeps what the carrier asked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response

from tests.telephony.signing import PUBLIC_URL, signature

MUST_ANSWER = frozenset({"twilio/voice", "twilio/resume"})


class Pages:
    """Answers each path with its documents in turn, the last one for ever; keeps what was asked."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.documents: dict[str, list[str]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sound = b""

    async def page(self, path: str, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if request.headers["x-twilio-signature"] != signature(f"{PUBLIC_URL}/{path}", form):
            return Response(status_code=403)
        self.asked.append((path, form))
        self.headers.append(dict(request.headers))
        known = self.documents.get(path, [])
        if not known:
            return Response(status_code=500 if path in MUST_ANSWER else 204)
        document = known.pop(0) if len(known) > 1 else known[0]
        return Response(f"<Response>{document}</Response>", media_type="application/xml")

    async def beep(self) -> Response:
        return Response(self.sound, media_type="audio/wav")

    def forms(self, path: str) -> list[Mapping[str, str]]:
        return [form for asked, form in self.asked if asked == path]

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/beep.wav", self.beep, methods=["GET"])
        app.add_api_route("/{path:path}", self.page, methods=["POST"])
        return app
