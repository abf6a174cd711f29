"""Staff web pages: who called, what was said, what was done, and what waits for a person."""

from console.live_ports import LivePorts, Phone
from console.ports import Ports
from console.router import build_router

__all__ = ["LivePorts", "Phone", "Ports", "build_router"]
