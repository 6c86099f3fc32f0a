"""Tests that features add to a project notice when a piece of the feature gets lost or is put in a wrong place."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.cli_runner import Cli, git
from tests.e2e.mutations import Mutation, written
from tests.projects import CATALOGUE, copy_layout, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "cookiecutter")
SETTINGS = "config/settings/base.py"
FIRST = '    "django_guid.middleware.guid_middleware",\n'
SECURITY = '    "django.middleware.security.SecurityMiddleware",\n'
RESTORE, CAPTURE = '    "{}.correlation.restore",\n', '    "{}.dead_letter.capture",\n'
MUTATIONS = {
    "middleware removed": Mutation(SETTINGS, FIRST, "", "test_every_request_has_an_id"),
    "middleware not first": Mutation(
        SETTINGS, FIRST + SECURITY, SECURITY + FIRST, "test_a_redirect_to_https_has_the_id"
    ),
    "field out of the lines": Mutation(SETTINGS, "[%(correlation_id)s] ", "", "test_log_lines_have_the_id"),
    "nothing stands for the id": Mutation(
        SETTINGS,
        '            "defaults": {"correlation_id": "-"},\n',
        "",
        "test_a_line_is_written_without_the_id_too",
    ),
    "filter not on the handler": Mutation(
        SETTINGS,
        '            "filters": ["correlation_id"],\n',
        "",
        "test_handlers_that_write_the_id_know_it",
    ),
    "django-guid not quiet": Mutation(
        SETTINGS, '        "django_guid": {"level": "WARNING"},\n', "", "test_django_guid_is_quiet"
    ),
    "header not exposed": Mutation(
        SETTINGS,
        'CORS_EXPOSE_HEADERS: list[str] = ["X-Correlation-ID"]',
        "",
        "test_scripts_of_other_origins_can_read_it",
    ),
    "header exposed by django-guid": Mutation(
        SETTINGS, '    "EXPOSE_HEADER": False,\n', "", "test_other_headers_that_are_exposed_stay_so"
    ),
    "header not allowed": Mutation(
        SETTINGS, ', "x-correlation-id"]', "]", "test_scripts_of_other_origins_can_send_it"
    ),
    "integration of django-guid": Mutation(
        SETTINGS,
        "from config.correlation import EagerSafeCeleryIntegration",
        "from django_guid.integrations.celery import CeleryIntegration as EagerSafeCeleryIntegration",
        "test_an_eager_task_has_the_id_and_gives_it_back",
    ),
    "no integration": Mutation(
        SETTINGS,
        '    "INTEGRATIONS": [EagerSafeCeleryIntegration()],\n',
        "",
        "test_the_id_travels_in_the_headers",
    ),
    "id of the caller not kept": Mutation(
        "config/correlation.py",
        "        task_prerun.connect(remember)\n",
        "",
        "test_an_eager_task_has_the_id_and_gives_it_back",
    ),
    "id of the caller not used": Mutation(
        "config/correlation.py",
        "        task_prerun.connect(inherit)\n",
        "",
        "test_an_eager_task_has_the_id_and_gives_it_back",
    ),
    "id of the caller not given back": Mutation(
        "config/correlation.py",
        "        task_postrun.connect(give_back)\n",
        "",
        "test_an_eager_task_has_the_id_and_gives_it_back",
    ),
    "ids kept by workers": Mutation(
        "config/correlation.py",
        "    if task.request.is_eager:\n        EagerSafeCeleryIntegration.callers[task_id] = guid.get()",
        "    EagerSafeCeleryIntegration.callers[task_id] = guid.get()",
        "test_the_worker_takes_it_from_there",
    ),
    "bus middleware removed": Mutation(SETTINGS, RESTORE, "", "test_the_bus_knows"),
    "bus middleware behind dead letters": Mutation(
        SETTINGS, RESTORE + CAPTURE, CAPTURE + RESTORE, "test_the_bus_knows"
    ),
    "provider removed": Mutation(
        SETTINGS, '    "correlation_id": "{}.correlation.current",\n', "", "test_the_bus_knows"
    ),
    "token not reset": Mutation(
        "{}/correlation.py",
        "        guid.reset(token)",
        "        pass",
        "test_afterwards_the_id_is_what_it_was",
    ),
    "dispatch lost": Mutation(
        "{}/bus.py",
        "dispatch(handler, event)",
        "handler(event)",
        "test_handlers_run_under_the_id_of_the_event",
    ),
    "events not stamped": Mutation(
        "{}/metadata.py", "        stamp(event)\n", "", "test_an_event_has_the_id_of_the_request"
    ),
    "dead letters not captured": Mutation(SETTINGS, CAPTURE, "", "test_the_bus_knows"),
    "errors captured in tests": Mutation(
        "config/settings/test.py",
        "EVENT_BUS_PROPAGATE_ERRORS = True\n",
        "",
        "test_a_broken_handler_fails_a_test",
    ),
    "dead letters go with a rollback": Mutation(
        "{}/dead_letter.py",
        "        if _needs_own_connection(alias):\n",
        "        if False:\n",
        "test_a_dead_letter_survives_the_rollback",
    ),
}

OF_EVENTS = [name for name, one in MUTATIONS.items() if "{}" in one.path + one.old]
CASES = [*(("turbo", name) for name in MUTATIONS), *(("cookiecutter", name) for name in OF_EVENTS)]
"""In the other layout the bus came along as well; all else is the same."""


class Subject(NamedTuple):
    """A project with the features, its database, and the tests that they added."""

    layout: str
    project: Path
    database: str
    tests: list[str]

    def outcome(self, *names: str) -> tuple[int, str]:
        """The exit code and the output of these tests, or of those with the names."""
        chosen = ("-k", " or ".join(names)) if names else ()
        command = (*CATALOGUE[self.layout].tests, "-rf", *chosen, *self.tests)
        ran = run(self.layout, self.project, *command, database=self.database)
        return ran.returncode, ran.stdout

    def here(self, mutation: Mutation) -> Mutation:
        """The mutation with the names of this project."""
        events = f"{CATALOGUE[self.layout].package}.domain_events"
        path = mutation.path.replace("{}", events.replace(".", "/"))
        return mutation._replace(
            path=path, old=mutation.old.replace("{}", events), new=mutation.new.replace("{}", events)
        )


@pytest.fixture(scope="module")
def subject(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[Callable[[str], Subject]]:
    """One project of each layout, and one database, for all mutations, in whatever order they come."""
    names: list[str] = []

    @cache
    def made(layout: str) -> Subject:
        names.append(postgres.create())
        return _subject(layout, tmp_path_factory.mktemp("mutations"), postgres.url(names[-1]))

    yield made
    for name in names:
        postgres.drop(name)


def _subject(layout: str, folder: Path, database: str) -> Subject:
    project = copy_layout(layout, folder / "project", git=True)
    cli = Cli(project, folder / "state")
    for feature in ("event-bus", "guid", "dead-letter-queue"):
        cli("add", feature, "--yes", "--allow-dirty")
    new = git(project, "ls-files", "--others", "--exclude-standard").splitlines()
    tests = [path for path in new if path.rpartition("/")[2].startswith("test_")]
    return Subject(layout, project, database, tests)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_is_well(layout: str, subject: Callable[[str], Subject]) -> None:
    code, output = subject(layout).outcome()
    assert code == 0, output


@pytest.mark.parametrize(("layout", "mutation"), CASES)
def test_a_mutation_is_caught(layout: str, mutation: str, subject: Callable[[str], Subject]) -> None:
    found = subject(layout)
    here = found.here(MUTATIONS[mutation])
    with written(found.project, here.files(found.project)):
        code, output = found.outcome(here.caught_by)
    assert code == 1, output
    failed = {
        line.split()[1].rpartition("::")[2] for line in output.splitlines() if line.startswith("FAILED")
    }
    assert here.caught_by in failed, output
