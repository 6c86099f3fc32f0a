"""One id under production settings: web server, log lines, event handler, worker, dead letter and response."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.adapters.trees import build
from tests.cli_runner import Cli
from tests.e2e.services import free_port
from tests.projects import copy_layout, run, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.e2e

LAYOUT = "turbo"
DEADLINE = 90
PRODUCTION = "config/settings/production.py"
SILENCE = '"disable_existing_loggers": '
FILES = {
    "bakery/parcels/__init__.py": "",
    "bakery/parcels/tasks.py": """\
import logging

from celery import shared_task


@shared_task
def deliver():
    logging.getLogger(__name__).info("in the task")
""",
    "bakery/parcels/views.py": """\
import logging

from django.db import transaction
from django.http import HttpResponse

from bakery.domain_events.base import DomainEvent
from bakery.domain_events.bus import event_bus
from bakery.parcels.tasks import deliver

logger = logging.getLogger(__name__)


class Sent(DomainEvent):
    pass


def handle(event):
    logger.info("in the handler")
    deliver.delay()


def fail(event):
    raise ValueError("no stamp")


event_bus.subscribe(Sent, handle)
event_bus.subscribe(Sent, fail)


def send(request):
    logger.info("in the view")
    transaction.on_commit(lambda: event_bus.publish(Sent()))
    return HttpResponse("sent")
""",
}
URL = "\nfrom bakery.parcels.views import send\n\nurlpatterns += [path('send/', send)]\n"
NOWHERE = "127.0.0.1:9"
"""Nobody listens there: nothing is sent to Sentry or to the mail service."""

VARIABLES = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DJANGO_SECRET_KEY": "only-for-the-tests-only-for-the-tests-only-for-the-tests",
    "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
    "DJANGO_ADMIN_URL": "admin/",
    "MAILGUN_API_KEY": "none",
    "MAILGUN_DOMAIN": "example.invalid",
    "MAILGUN_API_URL": f"http://{NOWHERE}/v3",
    "SENTRY_DSN": f"http://none@{NOWHERE}/1",
}


def test_one_search_finds_all_of_it(tmp_path: Path, database: str, redis_url: str) -> None:
    project = copy_layout(LAYOUT, tmp_path / "project", git=True)
    cli = Cli(project, tmp_path / "state")
    said = cli("add", "guid", "--yes").out
    cli("add", "dead-letter-queue", "--yes", "--allow-dirty")
    build(project, {**FILES, "config/urls.py": (project / "config/urls.py").read_text() + URL})
    production = (project / PRODUCTION).read_text()
    assert f"{SILENCE}True" in production and f"{SILENCE}False" in said, "what a to-do asks for"
    build(project, {PRODUCTION: production.replace(f"{SILENCE}True", f"{SILENCE}False")})

    env = {**VARIABLES, "REDIS_URL": redis_url, "CELERY_BROKER_URL": redis_url}
    migrated = run(LAYOUT, project, "manage.py", "migrate", "-v", "0", database=database, env=env)
    assert migrated.returncode == 0, migrated.stdout
    port, correlation_id = free_port(), uuid4().hex
    web, worker = tmp_path / "web.log", tmp_path / "worker.log"
    serve = ("-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}")
    work = ("-m", "celery", "-A", "config.celery_app", "worker", "-l", "INFO", "-P", "solo")
    with (
        running(LAYOUT, project, *serve, output=web, database=database, env=env),
        running(LAYOUT, project, *work, output=worker, database=database, env=env),
    ):
        headers = _eventually(lambda: _get(port, correlation_id), web)
        line = f"[{correlation_id}] in the task"
        _eventually(lambda: line in worker.read_text(), worker)
    assert headers["X-Correlation-ID"] == correlation_id
    for text in ("in the view", "in the handler", "bakery.parcels.views.fail failed on event"):
        assert f"[{correlation_id}] {text}" in web.read_text(), web.read_text()
    letters = run(LAYOUT, project, "manage.py", "list_dead_letters", "--json", database=database, env=env)
    assert f'"correlation_id": "{correlation_id}"' in letters.stdout


def _get(port: int, correlation_id: str) -> dict[str, str]:
    """The headers of the response; nothing while nobody listens."""
    headers = {"X-Correlation-ID": correlation_id, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/send/", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=DEADLINE) as response:
            return dict(response.headers)
    except urllib.error.HTTPError:
        raise
    except urllib.error.URLError:
        return {}


def _eventually(look: Callable[[], Any], log: Path) -> Any:
    """What it finds, as soon as it finds something."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    pytest.fail(log.read_text())
