"""A real worker: a task finds what it is about, and is not sent after a rollback. The added tests notice mistakes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.adapters.trees import build
from tests.cli_runner import Cli, git
from tests.e2e.mutations import Mutation, written
from tests.projects import CATALOGUE, copy_layout, run, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

LAYOUT = "turbo"
DEADLINE = 90
VIEWS = """\
import time

from django.contrib.auth import get_user_model
from django.http import HttpResponse

from bakery.orders.services import place_order


def keep(request):
    order = place_order(customer=get_user_model().objects.get(), loaf="rye")
    time.sleep(2)
    return HttpResponse(str(order.pk))


def lose(request):
    place_order(customer=get_user_model().objects.get(), loaf="lost")
    raise RuntimeError
"""
URLS = "\nfrom bakery.orders.views import keep, lose\n\nurlpatterns += [path('keep/', keep), path('lose/', lose)]\n"
VISIT = """\
import django

django.setup()

from django.contrib.auth import get_user_model
from django.test import Client

get_user_model().objects.get_or_create(username="baker")
client = Client(raise_request_exception=False, headers={"host": "localhost"})
print(client.get("/keep/").status_code, client.get("/lose/").status_code)
"""
MISSING, DONE = "DoesNotExist", "succeeded in"


def test_a_worker_finds_what_the_task_is_about(tmp_path: Path, database: str, redis_url: str) -> None:
    project = copy_layout(LAYOUT, tmp_path / "project", git=True)
    urls = (project / "config/urls.py").read_text()
    build(project, {"bakery/orders/views.py": VIEWS, "config/urls.py": urls + URLS})
    env = {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "REDIS_URL": redis_url,
        "CELERY_BROKER_URL": redis_url,
    }

    def call(*command: str) -> str:
        ran = run(LAYOUT, project, *command, database=database, env=env)
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    call("manage.py", "migrate", "-v", "0")
    log = tmp_path / "worker.log"
    work = ("-m", "celery", "-A", "config.celery_app", "worker", "-l", "INFO", "-P", "solo")
    with running(LAYOUT, project, *work, output=log, database=database, env=env):
        _eventually(lambda text: "ready." in text, log)
        assert "200 500" in call("-c", VISIT)
        before = _eventually(lambda text: text.count(" received") == 2 and MISSING in text, log)

        Cli(project, tmp_path / "state")("add", "delay-on-commit", "--yes", "--allow-dirty")
        assert "200 500" in call("-c", VISIT)
        after = _eventually(lambda text: DONE in text[len(before) :], log)[len(before) :]
        assert MISSING not in after, after
        time.sleep(2)
        assert log.read_text()[len(before) :].count(" received") == 1


def _eventually(found: Callable[[str], bool], log: Path) -> str:
    """What the log says as soon as it is there."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if log.exists() and found(log.read_text()):
            return log.read_text()
        time.sleep(0.2)
    pytest.fail(log.read_text())


APP = 'app = Celery("bakery")\n'
AT_ONCE = "\nfrom celery.contrib.django.task import DjangoTask\n\nDjangoTask.{}\n"
MUTATIONS = {
    "tasks of another class": Mutation(
        "config/celery_app.py",
        APP,
        'app = Celery("bakery", task_cls="celery.app.task:Task")\n',
        "test_every_task_can_be_sent_on_commit",
    ),
    "a task with a base of its own": Mutation(
        "bakery/orders/tasks.py",
        "@shared_task()\n",
        "from celery import Task\n\n\n@shared_task(base=Task)\n",
        "test_every_task_can_be_sent_on_commit",
    ),
    "sent at once": Mutation(
        "config/celery_app.py",
        APP,
        APP + AT_ONCE.format("delay_on_commit = DjangoTask.delay"),
        "test_it_waits_for_the_commit",
    ),
    "sent before a rollback": Mutation(
        "config/celery_app.py",
        APP,
        APP + AT_ONCE.format("delay_on_commit = DjangoTask.delay"),
        "test_it_is_not_sent_after_a_rollback",
    ),
    "options lost": Mutation(
        "config/celery_app.py",
        APP,
        APP + AT_ONCE.format("apply_async_on_commit = lambda self, args, **_: self.delay_on_commit(*args)"),
        "test_options_are_kept",
    ),
}


class Subject(NamedTuple):
    """A project with the feature, its database, and the test that came with it."""

    project: Path
    database: str
    test: str

    def outcome(self) -> tuple[int, str]:
        """The exit code and the output of the test."""
        command = (*CATALOGUE[LAYOUT].tests, "-rf", self.test)
        ran = run(LAYOUT, self.project, *command, database=self.database)
        return ran.returncode, ran.stdout


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Subject]:
    """One project for all mutations."""
    folder = tmp_path_factory.mktemp("on_commit")
    project = copy_layout(LAYOUT, folder / "project", git=True)
    Cli(project, folder / "state")("add", "delay-on-commit", "--yes")
    new = git(project, "ls-files", "--others", "--exclude-standard").splitlines()
    name = postgres.create()
    yield Subject(project, postgres.url(name), next(path for path in new if "test_" in path))
    postgres.drop(name)


def test_all_is_well(subject: Subject) -> None:
    code, output = subject.outcome()
    assert code == 0, output


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_is_caught(mutation: str, subject: Subject) -> None:
    here = MUTATIONS[mutation]
    with written(subject.project, here.files(subject.project)):
        code, output = subject.outcome()
    assert code == 1, output
    assert f"::{here.caught_by}" in output, output
