"""Style, script and icon of the pages, read once."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException, Response

from console.secure import HERE

KINDS = {
    "console.css": "text/css",
    "live_call.css": "text/css",
    "live_call.js": "text/javascript",
    "schedule.css": "text/css",
    "settings.css": "text/css",
    "people.css": "text/css",
    "console.js": "text/javascript",
    "live.js": "text/javascript",
    "review.js": "text/javascript",
    "sound.js": "text/javascript",
    "phone.css": "text/css",
    "phone.js": "text/javascript",
    "phone_sound.js": "text/javascript",
    "correct.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Files:
    def __init__(self) -> None:
        self._files = {name: (HERE / "static" / name).read_bytes() for name in KINDS}

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /static/console/{name}": self.file}

    async def file(self, name: str) -> Response:
        if name not in KINDS:
            raise HTTPException(404, "There is nothing here.")
        return Response(self._files[name], media_type=KINDS[name])
