"""Staff web pages: who called, what was said, what was done, and what waits for a person."""

from console.live_ports import LivePorts, Phone
from console.ports import Ports
from console.router import add_pages, build_router

__all__ = ["LivePorts", "Phone", "Ports", "add_pages", "build_router"]
