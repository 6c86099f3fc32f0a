"""`guid`: the id in every LOGGING, with Celery, CORS and the bus, and what is left alone."""

from __future__ import annotations

import ast

import pytest

from djroadmap.catalog import load
from djroadmap.features.guid import FEATURE
from djroadmap.model.plan import Todo
from tests.features.small import SMALL, Files, applied, project, pyproject
from tests.memory import Memory

OPTIONS = FEATURE.options()
LOGGING = """
LOGGING = {
    "version": 1,
    "formatters": {
        "verbose": {"format": "%(levelname)s %(message)s"},
        "brace": {"format": "{message}", "style": "{"},
        "json": {"()": "pythonjsonlogger.jsonlogger.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "verbose",
        },
        "file": {
            "filters": ["other"],
            "formatter": "brace",
        },
        "json": {
            "formatter": "json",
        },
    },
}
"""
CELERY = 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("django.conf:settings")\n'


def with_settings(more: str, **files: str) -> Files:
    return {**SMALL, "shop/settings.py": str(SMALL["shop/settings.py"]) + more, **files}


def planned(files: Files) -> Files:
    after = applied(FEATURE.plan(project(files), OPTIONS), files)
    for path, text in after.items():
        if path.endswith(".py"):
            ast.parse(str(text), path)
    again = FEATURE.plan(project(after), OPTIONS)
    assert all(edit.holds(str(after[edit.path])) for edit in again.edits)
    return after


def todos(files: Files) -> list[Todo]:
    """What the feature leaves to people, but for the dependencies."""
    return [todo for todo in FEATURE.plan(project(files), OPTIONS).todos if todo.path.endswith(".py")]


def values(files: Files) -> dict[str, object]:
    """The plain literals of the settings."""
    found = {}
    for node in ast.parse(str(files["shop/settings.py"])).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def test_the_middleware_is_first() -> None:
    found = values(planned(SMALL))
    middleware = found["MIDDLEWARE"]
    assert isinstance(middleware, list)
    assert middleware[0] == "django_guid.middleware.guid_middleware"
    assert found["DJANGO_GUID"] == {"GUID_HEADER_NAME": "X-Correlation-ID"}


def test_without_logging_there_is_one() -> None:
    logging = values(planned(SMALL))["LOGGING"]
    assert isinstance(logging, dict)
    assert logging["handlers"]["console"]["filters"] == ["correlation_id"]
    assert "[%(correlation_id)s]" in logging["formatters"]["verbose"]["format"]


def test_the_logging_of_one_developer_is_not_that_of_the_project() -> None:
    local = {"shop/local_settings.py": LOGGING, ".gitignore": "local_settings.py\n"}
    files = with_settings(
        "\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n", **local
    )
    after = planned(files)
    assert after["shop/local_settings.py"] == LOGGING
    assert "LOGGING = {" in str(after["shop/settings.py"])
    (todo,) = todos(files)
    assert todo.path == "shop/local_settings.py" and "everyone" in todo.text


def test_every_format_string_and_its_handlers() -> None:
    logging = values(planned(with_settings(LOGGING)))["LOGGING"]
    assert isinstance(logging, dict)
    formatters, handlers = logging["formatters"], logging["handlers"]
    assert formatters["verbose"]["format"] == "%(levelname)s [%(correlation_id)s] %(message)s"
    assert formatters["brace"]["format"] == "[{correlation_id}] {message}"
    assert handlers["console"]["filters"] == ["correlation_id"]
    assert handlers["file"]["filters"] == ["other", "correlation_id"]
    assert handlers["json"]["filters"] == ["correlation_id"]
    assert all(formatters[name]["defaults"] == {"correlation_id": "-"} for name in ("verbose", "brace"))
    assert formatters["json"] == {"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}
    assert logging["filters"] == {"correlation_id": {"()": "django_guid.log_filters.CorrelationId"}}
    assert logging["loggers"] == {"django_guid": {"level": "WARNING"}}


@pytest.mark.parametrize(
    ("formatter", "why"),
    [
        ('{"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}', ""),
        ('{"class": "json_log_formatter.JSONFormatter"}', ""),
        ('{"()": "structlog.stdlib.ProcessorFormatter"}', "what structlog.stdlib.ProcessorFormatter writes"),
        ('{"()": "shop.Formatter", "format": FORMAT}', "its format string is not understood"),
        ('{"format": "$message", "style": "$"}', "its format string is not understood"),
        ('{"format": "%(message)s %(message)s"}', "its format string is not understood"),
    ],
)
def test_formatters_that_are_left_alone(formatter: str, why: str) -> None:
    files = with_settings(LOGGING.replace('{"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}', formatter))
    text = str(planned(files)["shop/settings.py"])
    assert formatter in text
    assert text.count('"filters": [') == 3
    found = todos(files)
    assert len(found) == bool(why)
    for todo in found:
        assert 'the formatter "json" of LOGGING in shop/settings.py' in todo.text and why in todo.text
        assert (todo.path, todo.snippet) == ("shop/settings.py", "%(correlation_id)s")


@pytest.mark.parametrize(
    ("formatter", "expected"),
    [
        ('{"format": "%(message)s", "defaults": {"user": "?"}}', {"user": "?", "correlation_id": "-"}),
        ('{"format": "%(message)s", "defaults": {"correlation_id": "?"}}', {"correlation_id": "?"}),
        ('{"format": "%(message)s", "class": "shop.Formatter"}', None),
        ('{"()": "shop.Formatter", "format": "%(message)s"}', None),
        ('{"format": "%(correlation_id)s|%(message)s"}', {"correlation_id": "-"}),
    ],
)
def test_what_stands_for_the_id_where_there_is_none(formatter: str, expected: object) -> None:
    handlers = '{"console": {"class": "logging.StreamHandler", "formatter": "x"}}'
    more = f'\nLOGGING = {{"version": 1, "formatters": {{"x": {formatter}}}, "handlers": {handlers}}}\n'
    logging = values(planned(with_settings(more)))["LOGGING"]
    assert isinstance(logging, dict)
    found = logging["formatters"]["x"]
    assert found.get("defaults") == expected
    assert found["format"].count("%(correlation_id)s") == 1
    assert logging["handlers"]["console"]["filters"] == ["correlation_id"]


def test_settings_that_are_taken_in_unseen_may_have_a_logging() -> None:
    files = with_settings("\nexec(open('local.py').read())\n")
    after = planned(files)
    assert "LOGGING" not in str(after["shop/settings.py"])
    (todo,) = todos(files)
    assert "LOGGING in shop/settings.py" in todo.text and "exec" in todo.text
    assert not any("LoggingTests" in str(text) for text in after.values())


def test_a_handler_whose_formatter_only_running_tells_gets_the_filter() -> None:
    more = LOGGING.replace('"formatter": "verbose"', '"formatter": "brace" if DEBUG else "verbose"')
    text = str(
        planned(with_settings(more.replace('"file": {', '"null": {"class": "x"},\n        "file": {')))[
            "shop/settings.py"
        ]
    )
    assert (
        '"formatter": "brace" if DEBUG else "verbose",\n            "filters": ["correlation_id"],\n' in text
    )
    assert '"null": {"class": "x"},' in text


def test_a_module_that_changes_the_logging_of_another_is_a_to_do() -> None:
    local = 'from .settings import *\n\nLOGGING["handlers"]["file"] = {"formatter": "verbose"}\n'
    manage = str(SMALL["manage.py"]).replace("shop.settings", "shop.production")
    files = with_settings(LOGGING, **{"shop/production.py": local, "manage.py": manage})
    (todo,) = [one for one in todos(files) if one.path == "shop/production.py"]
    assert todo.text.startswith("shop/production.py:3: LOGGING is changed here")
    assert todo.snippet == '"filters": ["correlation_id"],'


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("\nLOGGING = configure()\n", ": LOGGING is built by a function call"),
        ('\nLOGGING = {"version": 1}\n', "no format string"),
        ('\nLOGGING = {"formatters": {"x": {"format": FORMAT}}}\n', "no format string"),
        ('\nLOGGING = {"formatters": FORMATTERS}\n', ': LOGGING["formatters"] is not a dict literal'),
        (
            '\nLOGGING = {"formatters": {"x": {"format": "%(message)s"}}, "handlers": HANDLERS}\n',
            ': LOGGING["handlers"] is not a dict literal',
        ),
        ('\nLOGGING = {**LOGGING_OF_ALL, "handlers": {}}\n', ": LOGGING takes in another dict"),
        ("\nfrom company.logs import LOGGING\n", ": LOGGING comes from another module"),
        ('\nfrom logs import LOGGING\nLOGGING["x"] = 1\n', ": LOGGING comes from another module"),
    ],
)
def test_logging_that_is_not_understood_is_a_to_do(more: str, why: str) -> None:
    files = with_settings(more)
    after = planned(files)
    assert str(after["shop/settings.py"]).count("LOGGING") == more.count("LOGGING")
    (todo,) = todos(files)
    assert todo.path == "shop/settings.py"
    assert why in todo.text and "shop/settings.py" in todo.text
    assert todo.snippet.count("correlation_id") == 4
    tests = [str(text) for path, text in after.items() if path.endswith("test_correlation.py")]
    assert len(tests) == 1 and "LOGGING" not in tests[0]


def test_settings_of_the_project_stay() -> None:
    more = '\nDJANGO_GUID = {"VALIDATE_GUID": False}\n'
    after = planned(with_settings(more))
    assert values(after)["DJANGO_GUID"] == {"VALIDATE_GUID": False}
    assert not any("test_correlation" in path for path in after)
    (todo,) = todos(with_settings(more))
    assert todo.snippet == '"GUID_HEADER_NAME": "X-Correlation-ID"'


def test_settings_of_the_project_are_told_of_celery() -> None:
    files = with_settings("\nDJANGO_GUID = {}\n", **{"shop/celery.py": CELERY}) | pyproject("celery")
    after = planned(files)
    assert "EagerSafeCeleryIntegration" not in str(after["shop/settings.py"])
    assert "class EagerSafeCeleryIntegration" in str(after["shop/correlation.py"])
    (todo,) = todos(files)
    assert todo.snippet.startswith("from shop.correlation import EagerSafeCeleryIntegration\n")
    assert '"INTEGRATIONS": [EagerSafeCeleryIntegration(use_django_logging=True)]' in todo.snippet
    assert FEATURE.checks is not None and not FEATURE.checks(project(after), OPTIONS)


def test_settings_that_were_changed_since_keep_their_tests() -> None:
    after = planned(SMALL)
    text = str(after["shop/settings.py"]).replace("DJANGO_GUID = {", "DJANGO_GUID = {'VALIDATE_GUID': False,")
    found = project({**after, "shop/settings.py": text})
    assert any(edit.path.endswith("test_correlation.py") for edit in FEATURE.plan(found, OPTIONS).edits)
    assert not todos({**after, "shop/settings.py": text})


def test_celery_has_the_id_too() -> None:
    after = planned(SMALL | pyproject("celery") | {"shop/celery.py": CELERY})
    settings = str(after["shop/settings.py"])
    assert "from shop.correlation import EagerSafeCeleryIntegration\n" in settings
    assert '"INTEGRATIONS": [EagerSafeCeleryIntegration(use_django_logging=True)]' in settings
    assert "class EagerSafeCeleryIntegration" in str(after["shop/correlation.py"])
    assert any(path.endswith("test_correlation_in_tasks.py") for path in after)


def test_celery_that_has_the_logging_of_django_keeps_it() -> None:
    celery = f"{CELERY}\n\n@setup_logging.connect\ndef configure(**kwargs):\n    pass\n"
    after = planned(SMALL | pyproject("celery") | {"shop/celery.py": celery})
    assert "[EagerSafeCeleryIntegration()]" in str(after["shop/settings.py"])


@pytest.mark.parametrize(
    ("entry", "silent"),
    [
        ("", True),
        ('"disable_existing_loggers": True, ', True),
        ('"disable_existing_loggers": False, ', False),
        ('"disable_existing_loggers": QUIET, ', False),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_loggers_of_tasks_that_are_silenced_are_a_to_do(entry: str, silent: bool, own: bool) -> None:
    logging = f'\nLOGGING = {{{entry}"formatters": {{"x": {{"format": "%(message)s"}}}}}}\n'
    celery = f"{CELERY}\n\n@setup_logging.connect\ndef configure(**kwargs):\n    pass\n" if own else CELERY
    files = with_settings(logging, **{"shop/celery.py": celery}) | pyproject("celery")
    assert ("use_django_logging=True" in str(planned(files)["shop/settings.py"])) == (not own and not silent)
    found = [todo for todo in todos(files) if todo.snippet == '"disable_existing_loggers": False,']
    assert [todo.path for todo in found] == ["shop/settings.py"] * silent
    assert all(("use_django_logging" in todo.text) != own for todo in found)
    assert not [todo for todo in todos(with_settings(logging)) if "disable" in todo.snippet]


@pytest.mark.parametrize("more", ["", '\nCORS_EXPOSE_HEADERS = ["X-Total"]\nCORS_ALLOW_HEADERS = ("a",)\n'])
def test_scripts_of_other_origins(more: str) -> None:
    files = with_settings(more)
    files["shop/settings.py"] = str(files["shop/settings.py"]).replace(
        "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "corsheaders",'
    )
    text = str(planned(files)["shop/settings.py"])
    assert '"EXPOSE_HEADER": False' in text
    if more:
        assert 'CORS_EXPOSE_HEADERS = ["X-Total", "X-Correlation-ID"]\n' in text
        assert 'CORS_ALLOW_HEADERS = ("a", "x-correlation-id")\n' in text
    else:
        assert 'CORS_EXPOSE_HEADERS: list[str] = ["X-Correlation-ID"]\n' in text
        assert 'CORS_ALLOW_HEADERS = [*default_headers, "x-correlation-id"]\n' in text


@pytest.mark.parametrize(
    ("django", "python", "there"),
    [("4.2", None, False), ("5.2", ">=3.11", False), ("5.2", "==3.12.*", True), ("6.0", None, True)],
)
def test_older_pythons_do_not_read_what_stands_for_the_id(
    django: str, python: str | None, there: bool
) -> None:
    found = project(SMALL)._replace(django=django, python=python)
    after = applied(FEATURE.plan(found, OPTIONS), SMALL)
    (text,) = (str(text) for path, text in after.items() if path.endswith("test_correlation.py"))
    assert ("test_a_line_is_written_without_the_id_too" in text) == there


@pytest.mark.parametrize(
    ("django", "python", "fits"),
    [("6.0", "3.12", False), ("6.0", "3.13", True), ("5.2", "3.12", True), ("6.0", None, True)],
)
def test_versions(django: str, python: str | None, fits: bool) -> None:
    found = project(SMALL)._replace(django=django, python=python and f"=={python}.*")
    assert (FEATURE.supports(found) is None) == fits


def memory() -> Memory:
    return Memory({path: str(text).encode() for path, text in SMALL.items()}, catalog=load())


@pytest.mark.parametrize("first", ["guid", "event-bus"])
def test_events_are_joined_in_either_order(first: str) -> None:
    one = memory()
    before = dict(one.files)
    one.add(first)
    assert not any("guid-events" in path for path in one.files)
    one.add("event-bus" if first == "guid" else "guid")
    settings = one.files["shop/settings.py"].decode()
    assert '"domain_events.correlation.restore"' in settings
    assert '"correlation_id": "domain_events.correlation.current"' in settings
    one.remove("guid")
    assert "domain_events/correlation.py" not in one.files
    assert b"EVENT_BUS" not in one.files["shop/settings.py"]
    one.remove("event-bus")
    assert one.files == before


def test_dead_letters_and_the_id_share_the_bus() -> None:
    one = memory()
    before = dict(one.files)
    one.add("event-bus")
    one.add("dead-letter-queue")
    one.add("guid")
    middleware = one.files["shop/settings.py"].decode().partition("EVENT_BUS_MIDDLEWARE")[2]
    assert middleware.index("correlation.restore") < middleware.index("dead_letter.capture")
    one.remove("dead-letter-queue")
    assert b"correlation.restore" in one.files["shop/settings.py"]
    one.remove("guid")
    one.remove("event-bus")
    assert one.files == before


def test_it_stays_while_it_is_imported() -> None:
    assert FEATURE.guard is not None
    after = planned(SMALL)
    assert not FEATURE.guard(project(after))
    (problem,) = FEATURE.guard(project(after | {"shop/views.py": "from django_guid import get_guid\n"}))
    assert problem.path == "shop/views.py"
