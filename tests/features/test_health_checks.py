"""`health-checks`: where the middleware goes, which containers get a check, and what is left alone."""

from __future__ import annotations

import ast
import json

import pytest
from ruamel.yaml import YAML

from djroadmap.errors import Refused, Unrecognised
from djroadmap.features.health_checks import FEATURE
from djroadmap.model.plan import Todo
from tests.features.small import SMALL, Files, applied, project
from tests.memory import Memory

OPTIONS = FEATURE.options()
CELERY: Files = {
    "shop/celery.py": 'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("django.conf:settings")\n'
}
COMPOSE = "compose.production.yml"
WSGI: Files = {"shop/wsgi.py": "application = None\n"}
SERVING: Files = {**SMALL, **WSGI}
RUN = "gunicorn shop.wsgi --bind 0.0.0.0:8080"


def planned(files: Files) -> Files:
    """The files afterwards; a second plan holds, and taking it back gives the first."""
    plan = FEATURE.plan(project(files), OPTIONS)
    after = applied(plan, files)
    again = FEATURE.plan(project(after), OPTIONS)
    assert [edit.key for edit in again.edits] == [edit.key for edit in plan.edits]
    assert all(edit.holds(str(after[edit.path])) for edit in again.edits)
    memory = Memory({path: str(text).encode() for path, text in files.items()})
    memory.add("health-checks")
    memory.remove("health-checks")
    assert {path: data.decode() for path, data in memory.files.items()} == files
    return after


def todos(files: Files) -> list[Todo]:
    return list(FEATURE.plan(project(files), OPTIONS).todos)


def check(files: Files, service: str = "web") -> object:
    """The health check that a service has, everything merged."""
    services = YAML(typ="safe", pure=True).load(str(planned(files)[COMPOSE]))["services"]
    return services[service].get("healthcheck")


def port(found: object) -> int:
    assert isinstance(found, dict)
    assert found["test"][:3] == ["CMD", "python", "-c"]
    (call,) = [
        node
        for node in ast.walk(ast.parse(found["test"][3]))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("HTTPConnection")
    ]
    return int(ast.literal_eval(call.args[1]))


def test_the_middleware_is_first() -> None:
    text = str(planned(SMALL)["shop/settings.py"])
    assert 'MIDDLEWARE = [\n    "shop.health.health_checks",\n' in text


def test_the_token_is_read_as_the_project_reads_its_environment() -> None:
    assert 'HEALTH_CHECK_TOKEN = os.environ.get("HEALTH_CHECK_TOKEN", "")' in str(
        planned(SMALL)["shop/settings.py"]
    )
    assert "import os\n" in str(planned(SMALL)["shop/settings.py"])
    settings = f"import environ\n\nenv = environ.Env()\n{SMALL['shop/settings.py']}"
    text = str(planned({**SMALL, "shop/settings.py": settings})["shop/settings.py"])
    assert 'HEALTH_CHECK_TOKEN = env("HEALTH_CHECK_TOKEN", default="")' in text
    assert "import os" not in text


def test_a_token_of_theirs_stays() -> None:
    settings = f'{SMALL["shop/settings.py"]}\nHEALTH_CHECK_TOKEN = "theirs"\n'
    text = str(planned({**SMALL, "shop/settings.py": settings})["shop/settings.py"])
    assert text.count("HEALTH_CHECK_TOKEN") == 1 and "import os" not in text


@pytest.mark.parametrize(("more", "expected"), [({}, False), (CELERY, True)])
def test_the_broker_is_asked_where_there_is_one(more: Files, expected: bool) -> None:
    text = str(planned({**SMALL, **more})["shop/health.py"])
    assert ("from shop.celery import app" in text) is expected
    assert ('"broker": check_broker' in text) is expected


def test_the_module_is_beside_the_urls() -> None:
    files: Files = {
        "src/manage.py": SMALL["manage.py"],
        "src/shop/__init__.py": "",
        "src/shop/settings.py": str(SMALL["shop/settings.py"]).replace("shop.urls", "shop.web.urls"),
        "src/shop/web/__init__.py": "",
        "src/shop/web/urls/__init__.py": SMALL["shop/urls.py"],
    }
    after = planned(files)
    assert "src/shop/web/health.py" in after
    assert '"shop.web.health.health_checks"' in str(after["src/shop/settings.py"])


def test_a_module_of_theirs_is_not_overwritten() -> None:
    files: Files = {**SMALL, "shop/health.py": "# theirs\n"}
    with pytest.raises(Unrecognised, match=r"shop/health.py: exists already"):
        planned(files)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("shop/urls.py", 'urlpatterns = [\n    path("healthz/", view),\n]\n', 2),
        ("shop/urls.py", "urlpatterns = [re_path(r'^healthz/?$', view)]\n", 1),
        ("shop/urls.py", "urlpatterns = [path(\n    'readyz',\n    view)]\n", 2),
        ("shop/middleware.py", 'if request.path == "/healthz":\n    pass\n', 1),
        ("shop/middleware.py", 'if request.path_info in ("/ping", "/readyz/"):\n    pass\n', 1),
        ("shop/settings.py", f'{SMALL["shop/settings.py"]}ALIVENESS_URL = "/healthz/"\n', 15),
    ],
)
def test_addresses_that_are_taken_are_refused(path: str, text: str, line: int) -> None:
    files: Files = {**SMALL, path: text}
    with pytest.raises(Refused) as refused:
        FEATURE.plan(project(files), OPTIONS)
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == (path, line)
    assert "is answered here" in problem.why and "rename or remove it first" in problem.why


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("shop/urls.py", '# path("healthz/", view)\nurlpatterns = [path("health/", view)]\n'),
        ("shop/urls.py", 'urlpatterns = [path("api/healthz/", view), path("healthz/<int:pk>/", view)]\n'),
        ("shop/settings.py", f'{SMALL["shop/settings.py"]}SECURE_REDIRECT_EXEMPT = [r"^healthz/"]\n'),
        ("shop/tests/test_health.py", 'client.get(path="/healthz/")\n'),
    ],
)
def test_what_only_speaks_of_them_is_left(path: str, text: str) -> None:
    planned({**SMALL, path: text})


def test_other_packages_stay_and_are_named() -> None:
    settings = str(SMALL["shop/settings.py"]).replace("contenttypes", 'contenttypes",\n    "health_check')
    found = [todo.text for todo in todos({**SMALL, "shop/settings.py": settings})]
    assert [text for text in found if text.startswith("django-health-check stays")]
    assert not [text for text in (todo.text for todo in todos(SMALL)) if "stays" in text]


def test_older_pythons_are_told() -> None:
    files: Files = {**SMALL, ".python-version": "3.9\n"}
    assert "Python 3.10 or newer" in str(FEATURE.supports(project(files)))
    assert FEATURE.supports(project(SMALL)) is None


def test_without_urls_there_is_no_telling_where_to_put_it() -> None:
    settings = str(SMALL["shop/settings.py"]).replace("shop.urls", "elsewhere.urls")
    assert "root URL configuration" in str(FEATURE.supports(project({**SMALL, "shop/settings.py": settings})))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (RUN, 8080),
        ("gunicorn -b :9000 shop.wsgi:application", 9000),
        ("gunicorn shop.wsgi -b0.0.0.0:9000 -w 4", 9000),
        ("python -m gunicorn --bind=0.0.0.0:8001 shop.wsgi", 8001),
        ("sh -c 'python manage.py migrate && exec gunicorn shop.wsgi --bind [::]:8002'", 8002),
        ("uv run daphne -b 0.0.0.0 -p 8003 shop.wsgi:application", 8003),
        ("uvicorn shop.wsgi:application --host 0.0.0.0 --port 8004", 8004),
        ("[gunicorn, shop.wsgi, --bind, '0.0.0.0:8005']", 8005),
        (
            "\n      - bash\n      - -c\n      - gunicorn shop.wsgi --bind unix:/run/x --bind 0.0.0.0:8006",
            8006,
        ),
        ("gunicorn shop.wsgi --bind unix:/run/gunicorn.sock", None),
        ("gunicorn shop.wsgi --bind 0.0.0.0:${PORT:-8000}", None),
        ("gunicorn shop.wsgi --bind 10.0.0.1:8000", None),
        ("gunicorn shop.wsgi", None),
        (f"{RUN} --certfile /etc/tls.pem", None),
    ],
)
def test_the_port_is_read_and_never_assumed(command: str, expected: int | None) -> None:
    files: Files = {
        **SERVING,
        COMPOSE: f"services:\n  web:\n    image: shop\n    command: {command}\n  db:\n    image: postgres\n",
    }
    found = check(files)
    assert (port(found) if found else None) == expected
    byhand = [todo for todo in todos(files) if todo.path == COMPOSE]
    assert bool(byhand) is (expected is None)
    for todo in byhand:
        assert "its port is not certain" in todo.text and "/healthz/" in todo.snippet
    (elsewhere,) = [todo for todo in todos(files) if "livenessProbe" in todo.snippet]
    assert f"port: {expected or 'PORT'}" in elsewhere.snippet


@pytest.mark.parametrize(
    "command",
    [
        "python manage.py runserver 0.0.0.0:8000",
        f"{RUN} --reload",
        "gunicorn other.wsgi --bind 0.0.0.0:8080",
        "uvicorn api.main:app --port 8080",
        "celery -A shop worker",
        "/start",
    ],
)
def test_services_that_do_not_serve_the_project_are_left(command: str) -> None:
    assert (
        check({**SERVING, COMPOSE: f"services:\n  web:\n    image: shop\n    command: {command}\n"}) is None
    )


@pytest.mark.parametrize("path", ["compose.local.yml", "docker-compose.test.yml", "docker-compose.ci.yml"])
def test_files_for_something_else_are_left(path: str) -> None:
    files: Files = {**SERVING, path: f"services:\n  web:\n    image: shop\n    command: {RUN}\n"}
    assert planned(files)[path] == files[path]


IMAGE: Files = {
    **SERVING,
    "docker/Dockerfile": "FROM python:3.13 AS build\n\nFROM python:3.13-slim\n"
    'COPY --chown=django:django ./docker/start /start\nENTRYPOINT ["/entrypoint"]\n',
    "docker/start": f"#!/bin/bash\nset -o errexit\npython manage.py collectstatic\nexec {RUN} \\\n  --chdir=/app\n",
}
MERGED = """\
services:
  web: &web
    build:
      context: .
      dockerfile: ./docker/Dockerfile
    command: /start

  worker:
    <<: *web
    command: /start-worker

  beat:
    extends: web
    command: /start-beat

  mail:
    extends:
      service: web
    healthcheck:
      test: [CMD, mail]

  db:
    image: postgres
"""


def test_the_port_is_that_of_the_script_in_the_image() -> None:
    assert port(check({**IMAGE, COMPOSE: MERGED})) == 8080


def test_workers_that_take_the_service_over_are_not_asked() -> None:
    files: Files = {**IMAGE, **CELERY, COMPOSE: MERGED}
    assert check(files, "worker") == {"disable": True}
    assert check(files, "beat") == {"disable": True}
    assert check(files, "mail") == {"test": ["CMD", "mail"]}
    assert check(files, "db") is None


@pytest.mark.parametrize(
    "key", ["    healthcheck:\n      test: [CMD, theirs]\n", "    healthcheck: {disable: true}\n"]
)
def test_a_check_of_theirs_stays(key: str) -> None:
    files: Files = {**IMAGE, COMPOSE: MERGED.replace("    command: /start\n", f"    command: /start\n{key}")}
    assert planned(files)[COMPOSE] == files[COMPOSE]


TWICE = """\
services:
  web: &web
    build: {context: ., dockerfile: docker/Dockerfile}
    command: /start
  again: &again
    <<: *web
  extended:
    extends: {service: again}
  inner:
    <<: *web
    command: gunicorn shop.wsgi --bind 0.0.0.0:9090
  worker:
    <<: *again
    command: /start-worker
  elsewhere:
    extends: {service: web, file: other.yml}
    command: /start-worker
"""


def test_services_that_serve_as_well_have_the_check_already() -> None:
    files: Files = {**IMAGE, COMPOSE: TWICE}
    assert [port(check(files, name)) for name in ("web", "again", "inner")] == [8080, 8080, 9090]
    assert check(files, "extended") is None, "only compose itself resolves it"
    assert check(files, "worker") == {"disable": True}
    assert str(planned(files)[COMPOSE]).count("healthcheck:") == 3


def test_a_check_of_theirs_needs_no_port() -> None:
    command = "gunicorn shop.wsgi\n    healthcheck: {test: [CMD, theirs]}"
    files: Files = {**SERVING, COMPOSE: f"services:\n  web:\n    image: shop\n    command: {command}\n"}
    assert planned(files)[COMPOSE] == files[COMPOSE]
    assert not [todo for todo in todos(files) if todo.path == COMPOSE]


def test_a_check_of_the_image_stays() -> None:
    dockerfile = f"{IMAGE['docker/Dockerfile']}HEALTHCHECK CMD curl localhost\n"
    files: Files = {**IMAGE, "docker/Dockerfile": dockerfile, COMPOSE: MERGED}
    assert planned(files)[COMPOSE] == MERGED


def test_what_cannot_be_edited_is_a_to_do() -> None:
    files: Files = {**SERVING, COMPOSE: f"services:\n  web: {{image: shop, command: {RUN}}}\n"}
    assert planned(files)[COMPOSE] == files[COMPOSE]
    (todo,) = [todo for todo in todos(files) if todo.path == COMPOSE]
    assert 'the service "web"' in todo.text and "8080" in todo.snippet


def test_a_compose_file_that_does_not_parse_is_left() -> None:
    files: Files = {**SERVING, COMPOSE: "services:\n  web:\n  - {{ x }}\n"}
    assert planned(files)[COMPOSE] == files[COMPOSE]


CMD = '["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8080"]'
DOCKERFILE = f"FROM node AS client\nCMD {CMD}\nFROM python:3.13-slim\nCOPY . /app\nUSER app\nCMD  {CMD}\n"


def test_an_image_that_serves_by_itself_gets_a_check() -> None:
    text = str(planned({**SERVING, "Dockerfile": DOCKERFILE})["Dockerfile"])
    line = next(one for one in text.splitlines() if one.startswith("HEALTHCHECK"))
    assert text == DOCKERFILE.replace("CMD  ", f"{line}\nCMD  ")
    program, option, code = json.loads(line.partition(" CMD ")[2])
    assert (program, option) == ("python", "-c")
    assert "8080" in ast.unparse(ast.parse(code))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"Dockerfile": DOCKERFILE, **CELERY}, "workers run from it, too"),
        ({"docker/Dockerfile": IMAGE["docker/Dockerfile"]}, "it serves by no command of its own"),
        ({"Dockerfile": f"{DOCKERFILE}HEALTHCHECK NONE\n"}, "it has one"),
        ({"docker/dev/Dockerfile": DOCKERFILE}, "it is for development"),
        ({"Dockerfile": DOCKERFILE.replace("8080", "$PORT")}, "the port is not known"),
        (
            {"Dockerfile": DOCKERFILE, COMPOSE: f"services:\n  web:\n    build: .\n    command: {RUN}\n"},
            "compose has it",
        ),
    ],
)
def test_images_that_are_left(files: Files, why: str) -> None:
    after = planned({**SERVING, **files})
    assert all(after[path] == files[path] for path in files if path.endswith("Dockerfile")), why


def test_code_that_uses_it_keeps_it() -> None:
    files: Files = {**SMALL, "shop/views.py": "from shop.health import readiness\n"}
    after = applied(FEATURE.plan(project(files), OPTIONS), files)
    assert FEATURE.guard is not None
    (problem,) = FEATURE.guard(project(after))
    assert (problem.path, problem.line) == ("shop/views.py", 1)


def test_presence_is_told_by_a_trace() -> None:
    assert FEATURE.presence is not None
    found = FEATURE.presence(project(SMALL))
    assert found is not None and not found.found
    assert FEATURE.presence(project(planned(SMALL))) is None
