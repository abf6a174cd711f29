"""Staff web pages: who called, what was said, what was done, and what waits for a person."""

from console.router import build_router

__all__ = ["build_router"]
