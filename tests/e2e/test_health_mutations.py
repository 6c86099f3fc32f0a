"""The tests that health-checks adds notice when a piece of it gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.cli_runner import Cli
from tests.e2e.mutations import Mutation, written
from tests.projects import CATALOGUE, copy_layout, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

LAYOUT = "turbo"
SETTINGS, MODULE = "config/settings/base.py", "config/health.py"
FIRST = '    "config.health.health_checks",\n'
SECURITY = '    "django.middleware.security.SecurityMiddleware",\n'
TESTS = "bakery/core/tests/test_health_checks.py"


def of_module(old: str, new: str, caught_by: str) -> Mutation:
    return Mutation(MODULE, old, new, caught_by)


MUTATIONS = {
    "middleware removed": Mutation(SETTINGS, FIRST, "", "test_any_host_and_plain_http"),
    "middleware behind the redirect": Mutation(
        SETTINGS, FIRST + SECURITY, SECURITY + FIRST, "test_any_host_and_plain_http"
    ),
    "no slash, no answer": of_module('"/healthz", ', "", "test_any_host_and_plain_http"),
    "prefix counts": of_module(
        "    def answer(request: HttpRequest) -> Any:\n        if request.path_info in READY:",
        "    def answer(request: HttpRequest) -> Any:\n        if request.path in READY:",
        "test_below_a_prefix",
    ),
    "not for async": of_module(
        "    if iscoroutinefunction(get_response):\n",
        "    if False:\n",
        "test_nothing_is_in_the_way_of_async_views",
    ),
    "any method": of_module(
        'if request.method not in {"GET", "HEAD"}:\n            data',
        "if False:\n            data",
        "test_only_get_and_head",
    ),
    "a body for HEAD": of_module(
        '            self.content = b""\n', "            pass\n", "test_only_get_and_head"
    ),
    "cached": of_module('"Cache-Control": "no-store"', "", "test_any_host_and_plain_http"),
    "alive asks": of_module(
        'return Answer(request, {"status": "ok"}, status=200)',
        'return Answer(request, {"status": "ok", "all": readiness.ask()}, status=200)',
        "test_alive_asks_nobody",
    ),
    "always ready": of_module("status=503 if failed else 200", "status=200", "test_not_ready_if_one_is_down"),
    "anybody sees more": of_module(
        "    if may_see_more(request):\n", "    if True:\n", "test_only_the_token_shows_more"
    ),
    "a part of the token": of_module(
        'constant_time_compare(given, f"Bearer {token}")',
        'given.startswith(f"Bearer {token}")',
        "test_only_the_token_shows_more",
    ),
    "no token is one": of_module(
        "return bool(token) and ", "return ", "test_without_a_token_nobody_sees_more"
    ),
    "logged by Django": of_module(
        "    _has_been_logged = True\n", "", "test_django_does_not_log_every_probe"
    ),
    "database not asked": of_module(
        "    connection.connect()\n",
        "    connections[alias].connect()\n    connection = connections[alias]\n",
        "test_the_database_is_asked_apart_from_the_pool",
    ),
    "pool": of_module(
        '    options.pop("pool", None)\n', "", "test_the_database_is_asked_apart_from_the_pool"
    ),
    "no time limit": of_module(
        '        options["connect_timeout"] = TIMEOUT\n',
        "        pass\n",
        "test_the_database_is_asked_apart_from_the_pool",
    ),
    "cache not read": of_module(
        "        if cache.get(key) == key:\n", "        if True:\n", "test_cache_down"
    ),
    "dummy cache": of_module(
        "    if isinstance(cache, DummyCache):\n", "    if False:\n", "test_a_cache_that_is_none_is_not_asked"
    ),
    "broker not asked": of_module(
        "        connection.ensure_connection(\n", "        dict(\n", "test_broker_down"
    ),
    "broker of eager tasks": of_module(
        "    if app.conf.task_always_eager:\n", "    if False:\n", "test_eager_tasks_need_no_broker"
    ),
    "errors with their text": of_module(
        "Outcome(kind.__name__ if", "Outcome(str(_[0]) if", "test_database_down"
    ),
    "waits for ever": of_module(
        "self.thread.join(max(0, until - monotonic()))",
        "self.thread.join()",
        "test_what_hangs_is_not_waited_for",
    ),
    "threads pile up": of_module(
        "if last is None or last.outcome or", "if True or", "test_what_hangs_is_not_waited_for"
    ),
    "hangs for ever": of_module(" or last.seconds > GIVEN_UP", "", "test_what_hangs_is_not_waited_for"),
    "asked by each probe": of_module("monotonic() + FRESH", "0", "test_many_probes_are_one"),
    "logged by each probe": of_module(
        "if outcome.error and not last:",
        "if outcome.error:",
        "test_changes_are_logged_once_and_without_secrets",
    ),
}


class Subject(NamedTuple):
    """A project with the feature, and its database."""

    project: Path
    database: str

    def outcome(self, *names: str) -> tuple[int, str]:
        """The exit code and the output of the tests, or of those with the names."""
        chosen = ("-k", " or ".join(names)) if names else ()
        command = (*CATALOGUE[LAYOUT].tests, "-rf", *chosen, TESTS)
        ran = run(LAYOUT, self.project, *command, database=self.database)
        return ran.returncode, ran.stdout


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Subject]:
    """One project and one database for all mutations."""
    folder = tmp_path_factory.mktemp("mutations")
    project = copy_layout(LAYOUT, folder / "project", git=True)
    Cli(project, folder / "state")("add", "health-checks", "--yes")
    name = postgres.create()
    yield Subject(project, postgres.url(name))
    postgres.drop(name)


def test_all_is_well(subject: Subject) -> None:
    code, output = subject.outcome()
    assert code == 0, output


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS)
def test_a_mutation_is_caught(mutation: Mutation, subject: Subject) -> None:
    with written(subject.project, mutation.files(subject.project)):
        code, output = subject.outcome(mutation.caught_by)
    assert code == 1, output
    assert any(f"::{mutation.caught_by}" in line for line in output.splitlines() if line.startswith("FAILED"))
