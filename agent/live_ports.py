"""Live calls for the console: what their dialogs know, where they may be taken over, how they are heard."""

from __future__ import annotations

import console
import dialog
from agent.services import Services
from agent.whom_to_reach import phones


def live_ports(services: Services) -> console.LivePorts:
    return console.LivePorts(
        glance=lambda state: dialog.glance(dialog.from_json(state)),
        phones=lambda: phones_to_ring(services),
        order_given=services.live.given,
        listen=services.live.listeners,
    )


def phones_to_ring(services: Services) -> list[console.Phone]:
    """Where a member of staff may take a call over. Without orders to the carrier it is the front desk, which
    the carrier dials by itself."""
    found = [console.Phone(*each) for each in phones(services.settings, services.practice)]
    return found if services.carrier is not None else found[:1]
