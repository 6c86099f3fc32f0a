"""Probes of a real web server under production settings, while PostgreSQL and Redis really stop and come back."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from djroadmap.features.health_checks.containers import ASK
from tests.cli_runner import Cli
from tests.e2e.services import free_port, running_postgres, running_redis
from tests.projects import CATALOGUE, copy_layout, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.e2e

DEADLINE = 60
IN_TIME = 4
"""Seconds, of the five that probes are to wait; the checks have two."""
NOWHERE = "127.0.0.1:9"
WORD = "open-sesame"
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DJANGO_SECRET_KEY": "only-for-the-tests-only-for-the-tests-only-for-the-tests",
    "DJANGO_ALLOWED_HOSTS": "shop.example",
    "DJANGO_ADMIN_URL": "admin/",
    "DJANGO_AWS_ACCESS_KEY_ID": "none",
    "DJANGO_AWS_SECRET_ACCESS_KEY": "none",
    "DJANGO_AWS_STORAGE_BUCKET_NAME": "none",
    "MAILGUN_API_KEY": "none",
    "MAILGUN_DOMAIN": "example.invalid",
    "MAILGUN_API_URL": f"http://{NOWHERE}/v3",
    "SENTRY_DSN": f"http://none@{NOWHERE}/1",
    "HEALTH_CHECK_TOKEN": WORD,
}
SERVERS = {
    "gunicorn": ("-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:{port}"),
    "uvicorn": ("-m", "uvicorn", "config.asgi:application", "--port", "{port}"),
    "uvicorn worker": (
        "-m", "gunicorn", "config.asgi", "--bind", "127.0.0.1:{port}", "-k", "uvicorn_worker.UvicornWorker",
    ),
}  # fmt: skip
CASES = [
    ("turbo", "gunicorn", ()),
    ("turbo", "gunicorn", ("guid",)),
    ("turbo_minimal", "uvicorn", ()),
    ("turbo_minimal", "uvicorn worker", ()),
]


class Said(NamedTuple):
    """What a probe gets."""

    status: int
    headers: dict[str, str]
    body: str
    seconds: float


def ask(port: int, path: str, *, method: str = "GET", token: str = "") -> Said:
    """As a kubelet asks: by address, over plain HTTP."""
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    began = time.monotonic()
    headers = {"Host": f"10.0.3.7:{port}", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return Said(response.status, dict(response.headers), body, time.monotonic() - began)


@pytest.mark.parametrize(("layout", "server", "also"), CASES, ids=["+".join((a, b, *c)) for a, b, c in CASES])
def test_what_is_down_is_told_and_forgotten(
    layout: str, server: str, also: tuple[str, ...], tmp_path: Path
) -> None:
    project = copy_layout(layout, tmp_path / "project", git=True)
    cli = Cli(project, tmp_path / "state")
    for feature in ("health-checks", *also):
        cli("add", feature, "--yes", "--allow-dirty")
    has_broker = CATALOGUE[layout].name == "turbo"
    port = free_port()
    command = tuple(word.format(port=port) for word in SERVERS[server])
    log = tmp_path / "web.log"
    with running_postgres() as postgres, ExitStack() as stack:
        redis = stack.enter_context(running_redis())
        database = postgres.url(postgres.create()).replace("postgres@", "postgres:swordfish@")
        env = {**ENVIRONMENT, "REDIS_URL": redis, "CELERY_BROKER_URL": redis}
        with running(layout, project, *command, output=log, database=database, env=env):
            _eventually(lambda: _status(port, "/healthz/") == 200, log)
            _shape(port)
            _eventually(lambda: _status(port, "/readyz/") == 200, log)

            with postgres.stopped():
                down = _eventually(lambda: _if(ask(port, "/readyz/"), 503), log)
                assert down.body == '{"status": "unavailable"}'
                assert down.seconds < IN_TIME
                assert _failed(port) == {"database"}
                assert ask(port, "/healthz/").status == 200
            _eventually(lambda: _status(port, "/readyz/") == 200, log)

            with postgres.frozen():
                down = _eventually(lambda: _if(ask(port, "/readyz/"), 503), log)
                assert down.seconds < IN_TIME
                assert ask(port, "/healthz/").seconds < 1.5
            _eventually(lambda: _status(port, "/readyz/") == 200, log)

            _pause(redis, 3)
            down = ask(port, "/readyz/")
            assert down.status == 503 and down.seconds < IN_TIME
            _eventually(lambda: _status(port, "/readyz/") == 200, log)

            stack.close()
            down = _eventually(lambda: _if(ask(port, "/readyz/"), 503), log)
            assert down.seconds < IN_TIME
            assert _failed(port) == {"cache", *(("broker",) if has_broker else ())}
            assert ask(port, "/healthz/").status == 200
            with running_redis(port=urlsplit(redis).port):
                _eventually(lambda: _status(port, "/readyz/") == 200, log)
    said = log.read_text()
    assert "swordfish" not in said
    assert "Not ready: database" in said
    assert "Service Unavailable: /readyz/" not in said, "django.request logs no probe"


def _pause(redis: str, seconds: int) -> None:
    """Commands are taken and not answered for a while."""
    time.sleep(1.1)  # until the last outcome does not stand any more
    url = urlsplit(redis)
    with socket.create_connection((url.hostname, url.port)) as connection:
        connection.sendall(f"CLIENT PAUSE {seconds * 1000} ALL\r\n".encode())
        assert connection.recv(16).startswith(b"+OK")


def _shape(port: int) -> None:
    """The bare answers, with and without a slash, to GET and HEAD alone."""
    for path in ("/healthz/", "/healthz", "/readyz/", "/readyz"):
        said = ask(port, path)
        assert (said.status, said.body) == (200, '{"status": "ok"}'), path
        headers = {name.lower(): value for name, value in said.headers.items()}
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers
        assert ask(port, path, method="HEAD").body == ""
        assert ask(port, path, method="POST").status == 405
    assert ask(port, "/").status == 400, "other pages are for known hosts only"
    assert _checked(port) == 0, "the command in compose files and Dockerfiles"
    assert _checked(free_port()) != 0
    assert set(json.loads(ask(port, "/readyz/", token=WORD).body)) == {"status", "checks"}


def _checked(port: int) -> int:
    """The exit code of the health check of a container."""
    return subprocess.run(
        [sys.executable, "-c", ASK.format(port=port)], check=False, capture_output=True
    ).returncode


def _failed(port: int) -> set[str]:
    checks = json.loads(ask(port, "/readyz/", token=WORD).body)["checks"]
    return {name for name, outcome in checks.items() if outcome["error"]}


def _if(said: Said, status: int) -> Said | None:
    return said if said.status == status else None


def _status(port: int, path: str) -> int:
    try:
        return ask(port, path).status
    except (OSError, HTTPException):
        return 0


def _eventually(look: Callable[[], Any], log: Path) -> Any:
    """What it finds, as soon as it finds something."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    pytest.fail(log.read_text())
