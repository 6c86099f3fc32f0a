"""Events that handlers fail on are stored, shown, and handled again: nothing is lost with a broken handler.

What it has to withstand (rollbacks, retries, event loops, two operators) is in the tests that it adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from djroadmap import edits
from djroadmap.errors import Problem, Refused
from djroadmap.model.feature import Feature, Presence
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.commands import command, manage
from djroadmap.planning.events import event_file, event_test, events, older_python
from djroadmap.planning.files import package_files
from djroadmap.planning.settings import import_, list_item, setting, setting_key
from djroadmap.planning.tests import conftest_for, uses_pytest
from djroadmap.planning.usage import importers
from djroadmap.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from djroadmap.model.feature import NoOptions
    from djroadmap.model.plan import Command
    from djroadmap.model.project import Project

ID = "dead-letter-queue"
SECTION = "Domain events"
MODULES = ("decorators.py", "dead_letter.py", "models.py", "reprocessing.py", "serialization.py")
COMMANDS = ("check_dead_letters", "list_dead_letters", "reprocess_dead_letters")
TESTS = ("test_dead_letters.py", "test_serialization.py")
INITIAL = "0001_initial.py"
PROPAGATE = "EVENT_BUS_PROPAGATE_ERRORS"
FIXTURE = f'''\
@pytest.fixture(autouse=True)
def _propagate_event_errors(settings):
    """A handler that fails makes the test fail that published the event."""
    settings.{PROPAGATE} = True
'''
SCHEDULE = "CELERY_BEAT_SCHEDULE"
ENTRY = "check-dead-letters"
HOURLY = "3600.0"
FROM_SETTINGS = regex(r"""namespace\s*=\s*["']CELERY["']""")
"""https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html"""


def supports(project: Project) -> str | None:
    """The package of the bus must be an app, and have no models yet."""
    found = events(project)
    if project.event_bus is None or older_python(project):
        return older_python(project)
    if project.apps.complete and not project.apps.has(found.package):
        return f"{found.package} is not in INSTALLED_APPS, so it can have no model"
    if project.tree.exists(f"{found.folder}/dead_letter.py"):
        return None
    taken = next((name for name in ("models.py", "models", "admin.py") if _is_there(project, name)), None)
    return f"{found.folder}/{taken} is there already" if taken else None


def presence(project: Project) -> Presence | None:
    """The trace of it is the module with its middleware."""
    found = events(project)
    return None if project.tree.exists(f"{found.folder}/dead_letter.py") else Presence()


def plan(project: Project, _options: NoOptions) -> Plan:
    """The model, the middleware that fills it, commands and admin, and tests."""
    found = events(project)
    facts: dict[str, Any] = {"bus": found.module(found.bus), "base": found.module(found.base)}
    admin = project.apps.has("django.contrib.admin")
    total = _settings(project)
    for name in (*MODULES, *(["admin.py"] if admin else ())):
        total += event_file(project, ID, name, **facts)
    for folder in ("migrations", "management", "management/commands"):
        total += package_files(project, f"{found.folder}/{folder}")
    total += event_file(project, ID, f"migrations/{INITIAL}")
    for name in COMMANDS:
        total += event_file(project, ID, f"management/commands/{name}.py")
    if project.celery is not None:
        total += _beat(project)
    for name in TESTS:
        total += event_test(
            project, ID, f"tests/{name}", **facts, admin=admin, celery=project.celery is not None
        )
    migrate = manage(project, "migrate", found.label, why="create the table of dead letters", when="migrate")
    return total + Plan(commands=(migrate,), todos=(_change(found.package),))


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """The tests that were added."""
    found, why = events(project), "test the dead letter queue"
    if uses_pytest(project):
        folder = f"{found.folder}/tests".removeprefix(f"{project.base}/")
        return (command(project, "pytest", *(f"{folder}/{name}" for name in TESTS), why=why),)
    names = (f"{found.package}.tests.{name.removesuffix('.py')}" for name in TESTS)
    return (manage(project, "test", *names, why=why),)


def farewell(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """Nothing drops the table once the model is gone."""
    label = events(project).label
    return (manage(project, "migrate", label, "zero", why="drop its table, which stays otherwise"),)


def guard(project: Project) -> Sequence[Problem]:
    """Modules that still use it, and migrations that build on its own."""
    found = events(project)
    modules = (f"{found.package}.{name.removesuffix('.py')}" for name in MODULES)
    folder = f"{found.folder}/migrations"
    later = [
        Problem(path=path, line=None, why=f"builds on {INITIAL}, which goes")
        for path in project.tree.files()
        if path.startswith(f"{folder}/")
        and path.endswith(".py")
        and path.rpartition("/")[2] not in {INITIAL, "__init__.py"}
    ]
    return (*importers(project, *modules, but=found.folder), *later)


def _is_there(project: Project, name: str) -> bool:
    path = f"{events(project).folder}/{name}"
    return project.tree.exists(path) or project.tree.has_folder(path)


def _settings(project: Project) -> Plan:
    found = events(project)
    comment = "How often a handler is called before the event becomes a dead letter."
    return (
        list_item(project, "EVENT_BUS_MIDDLEWARE", f'"{found.package}.dead_letter.capture"', rows=True)
        + setting(project, "EVENT_BUS_MAX_ATTEMPTS", "3", section=SECTION, comment=comment)
        + _in_tests(project)
    )


def _in_tests(project: Project) -> Plan:
    """Otherwise no test fails any more because a handler is broken."""
    comment = "A broken handler fails the test instead of becoming a dead letter."
    if project.settings.environment("test") is not None:
        return setting(
            project, PROPAGATE, "True", environment="test", section=SECTION, comment=comment, extra=True
        )
    if uses_pytest(project):
        path = conftest_for(project, project.base)
        return import_(project, path, "pytest", create=True) + Plan(
            (edits.Definition(path=path, code=FIXTURE, extra=True),)
        )
    base = project.settings.base
    return (import_(project, base.path, "sys") if base.editable else Plan()) + setting(
        project, PROPAGATE, '"test" in sys.argv', section=SECTION, comment=comment, extra=True
    )


def _beat(project: Project) -> Plan:
    """The task that looks after dead letters, and its place in the schedule."""
    task = event_file(project, ID, "tasks.py")
    entry = f'{{"task": "{events(project).package}.tasks.check_dead_letters", "schedule": {HOURLY}}}'
    app = project.celery.path if project.celery else ""
    text = project.tree.read(app) or ""
    snippet = f'"{ENTRY}": {entry}'
    if not (FROM_SETTINGS.search(text) and "autodiscover_tasks(" in text):
        where = "have Celery Beat run it every hour, and the worker find it"
        return task + Plan(todos=(Todo(text=where, snippet=snippet, path=app),))
    if project.settings.owner(SCHEDULE) is None:
        task += setting(
            project,
            SCHEDULE,
            "{}",
            annotation="dict[str, dict[str, object]]",
            initial=True,
            section="Celery Beat",
            link="https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html",
            extra=True,
        )
        return task + setting_key(project, SCHEDULE, (ENTRY,), entry, extra=True)
    scheduled = setting_key(project, SCHEDULE, (ENTRY,), entry, extra=True)
    if _can_be_made(project, scheduled):
        return task + scheduled
    path = scheduled.edits[0].path
    text = (
        f"{path}: {SCHEDULE} is not written so that an entry can be added: have Celery Beat run it every hour"
    )
    return task + Plan(todos=(Todo(text=text, snippet=snippet, path=path),))


def _can_be_made(project: Project, plan: Plan) -> bool:
    """Is the schedule written so that an entry can be added? What checks dead letters is worth no refusal."""
    try:
        for edit in plan.edits:
            edit.apply(project.tree.read(edit.path))
    except Refused:
        return False
    return True


def _change(package: str) -> Todo:
    text = (
        "errors of handlers no longer reach the code that publishes: mark the handlers whose failure has to, "
        "and those that need transaction.atomic(durable=True)"
    )
    return Todo(text=text, snippet=f"from {package}.decorators import must_succeed, non_atomic")


FEATURE = Feature(
    id=ID,
    title="Dead letter queue",
    summary="Events whose handlers fail are retried, kept, listed and handled again, exactly once.",
    group="Observability",
    version=1,
    docs="https://www.enterpriseintegrationpatterns.com/patterns/messaging/DeadLetterChannel.html",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    farewell=farewell,
    guard=guard,
    requires=("event-pipeline",),
)
