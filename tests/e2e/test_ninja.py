"""Django Ninja answers over HTTP, under WSGI and ASGI, and its tests notice when a piece of it gets lost."""

from __future__ import annotations

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.adapters.trees import build
from tests.cli_runner import Cli
from tests.e2e.mutations import Mutation, written
from tests.e2e.services import free_port
from tests.projects import CATALOGUE, RUNNABLE, copy_layout, run, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

DEADLINE = 90
NAME, PASSWORD = "staff@example.com", "correct horse battery staple"
ROUTES = """\
import asyncio

from django.contrib.auth.models import Group
from ninja import Router
from ninja.errors import HttpError

router = Router()


@router.get("/count")
def count(request):
    return Group.objects.filter(name="parcel").count()


@router.get("/slow")
async def slow(request):
    await asyncio.sleep(0.01)
    return request.auth.pk


@router.get("/{int:number}")
def parcel(request, number: int):
    return Group.objects.get(pk=number).name


@router.post("/")
def send(request):
    Group.objects.create(name="parcel")
    raise HttpError(409, "Somebody else was faster.")
"""


class Served(NamedTuple):
    """A project and what serves it."""

    layout: str
    home: str
    """The package of its root URLs."""
    settings: str
    server: tuple[str, ...]
    atomic: bool = False
    """Does it have ATOMIC_REQUESTS?"""
    tokens: bool = False
    identifier: str = "username"
    field: str = "name"


GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:{port}", "{home}.wsgi")
UVICORN = ("-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "{home}.asgi:application")
LOCAL = "config.settings.local"
SERVED = {
    "wsgi": Served("cookiecutter", "config", LOCAL, GUNICORN, atomic=True, tokens=True),
    "asgi": Served("turbo_minimal", "config", LOCAL, UVICORN, atomic=True, identifier="email"),
    "wsgi-plain": Served("startproject-6.0", "mysite", "mysite.settings", GUNICORN, field="first_name"),
    "asgi-plain": Served("startproject-6.0", "mysite", "mysite.settings", UVICORN, field="first_name"),
}


class Browser:
    """Somebody with cookies, who is not sent elsewhere."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.cookies = http.cookiejar.CookieJar()
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies), Stay())
        self.opener = urllib.request.build_opener(*handlers)

    def __call__(self, method: str, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        """The status and the body; underscores in the names of headers stand for dashes."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{self.root}{path}", data, given, method=method)
        try:
            with self.opener.open(request, timeout=DEADLINE) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def json(self, method: str, path: str, data: Any = None, **headers: str) -> tuple[int, Any]:
        """The same, of JSON."""
        body = None if data is None else json.dumps(data).encode()
        status, text = self(method, path, body, content_type="application/json", **headers)
        return status, json.loads(text)

    @property
    def csrf(self) -> str:
        """The token in the cookie."""
        return next(one.value or "" for one in self.cookies if one.name == "csrftoken")

    def sign_in(self) -> None:
        """Through the page of the admin."""
        self("GET", "/admin/login/")
        form = {"username": NAME, "password": PASSWORD, "csrfmiddlewaretoken": self.csrf}
        status, text = self("POST", "/admin/login/", urllib.parse.urlencode(form).encode())
        assert status == HTTPStatus.FOUND, text


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer too."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere."""


@pytest.mark.parametrize("how", SERVED)
def test_it_answers_over_http(how: str, tmp_path: Path, database: str, redis_url: str) -> None:
    served = SERVED[how]
    project = copy_layout(served.layout, tmp_path / "project", git=True)
    Cli(project, tmp_path / "state")("add", "ninja", "--yes")
    api = f"{served.home}/ninja_api.py"
    mounted = (
        f"\nfrom {served.home}.parcels import router  # noqa: E402\n\napi.add_router('/parcels/', router)\n"
    )
    build(project, {api: (project / api).read_text() + mounted, f"{served.home}/parcels.py": ROUTES})
    env = {"DJANGO_SETTINGS_MODULE": served.settings, "REDIS_URL": redis_url, "CELERY_BROKER_URL": redis_url}
    env |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}

    def manage(*command: str) -> str:
        ran = run(served.layout, project, "manage.py", *command, database=database, env=env)
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    manage("migrate", "-v", "0")
    names = ["--email", NAME] + (["--username", NAME] if served.identifier == "username" else [])
    manage("createsuperuser", "--noinput", *names)
    port, log = free_port(), tmp_path / "server.log"
    command = [word.format(port=port, home=served.home) for word in served.server]
    with running(served.layout, project, *command, output=log, database=database, env=env):
        _wait(Browser(port), log)
        _strangers(Browser(port))
        staff = Browser(port)
        staff.sign_in()
        _users(staff, served)
        _errors(staff, served)
        _docs(staff)
        if served.tokens:
            token = manage("drf_create_token", NAME).split()[2]
            _tokens(Browser(port), token)


def _wait(browser: Browser, log: Path) -> None:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        try:
            browser("GET", "/api/v1/users/me")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text())


def _strangers(browser: Browser) -> None:
    refused = (HTTPStatus.UNAUTHORIZED, {"detail": "Unauthorized"})
    assert browser.json("GET", "/api/v1/users/me") == refused
    assert browser.json("GET", "/api/v1/parcels/slow") == refused
    for page in ("docs", "openapi.json"):
        assert browser("GET", f"/api/v1/{page}")[0] == HTTPStatus.FOUND


def _users(browser: Browser, served: Served) -> None:
    status, me = browser.json("GET", "/api/v1/users/me")
    assert (status, me[served.identifier], me[served.field]) == (HTTPStatus.OK, NAME, "")
    changes = {served.field: "Ada"}
    refused = browser.json("PATCH", "/api/v1/users/me", changes)
    assert refused == (HTTPStatus.FORBIDDEN, {"detail": "CSRF check Failed"})
    changed = browser.json("PATCH", "/api/v1/users/me", changes, x_csrftoken=browser.csrf)
    assert changed == (HTTPStatus.OK, {**me, **changes})
    assert browser.json("GET", "/api/v1/users/me") == changed


def _errors(browser: Browser, served: Served) -> None:
    csrf = browser.csrf
    assert browser.json("GET", "/api/v1/parcels/999") == (HTTPStatus.NOT_FOUND, {"detail": "Not Found"})
    for value in (["Ada"], "A" * 999):
        changes = {served.field: value}
        status, body = browser.json("PATCH", "/api/v1/users/me", changes, x_csrftoken=csrf)
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY
        assert body["detail"][0]["loc"][-1] == served.field
        assert body["detail"][0]["msg"]
    conflict = browser.json("POST", "/api/v1/parcels/", {}, x_csrftoken=csrf)
    assert conflict == (HTTPStatus.CONFLICT, {"detail": "Somebody else was faster."})
    assert browser.json("GET", "/api/v1/parcels/count") == (HTTPStatus.OK, 0 if served.atomic else 1)
    assert browser.json("GET", "/api/v1/parcels/slow")[0] == HTTPStatus.OK


def _docs(browser: Browser) -> None:
    status, page = browser("GET", "/api/v1/docs")
    assert status == HTTPStatus.OK
    assert "static/ninja/swagger-ui" in page
    status, schema = browser.json("GET", "/api/v1/openapi.json")
    assert status == HTTPStatus.OK
    assert {"/api/v1/users/me", "/api/v1/parcels/slow"} <= schema["paths"].keys()


def _tokens(browser: Browser, token: str) -> None:
    assert browser.json("GET", "/api/v1/users/me", authorization=f"Token {token}")[0] == HTTPStatus.OK
    changed = browser.json("PATCH", "/api/v1/users/me", {"name": "Eve"}, authorization=f"Token {token}")
    assert (changed[0], changed[1]["name"]) == (HTTPStatus.OK, "Eve")
    wrong = browser.json("GET", "/api/v1/users/me", authorization="Token 0123456789abcdef")
    assert wrong[0] == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("layout", RUNNABLE)
def test_the_schema_is_what_is_exported(layout: str, tmp_path: Path) -> None:
    project = copy_layout(layout, tmp_path / "project", git=True)
    Cli(project, tmp_path / "state")("add", "ninja", "--yes")
    module = next(project.rglob("ninja_api.py")).parent.name + ".ninja_api"
    output = tmp_path / "exported.json"
    export = ("export_openapi_schema", "--api", f"{module}.api", "--indent", "2", "--sorted")
    folder = project / CATALOGUE[layout].manage.removesuffix("manage.py")
    ran = run(layout, folder, "manage.py", *export, "--output", str(output))
    assert ran.returncode == 0, ran.stdout
    assert output.read_text() + "\n" == (project / "openapi/ninja.json").read_text()


OF_THEIR_OWN = """\
from django.contrib.auth.models import AbstractBaseUser
from django.db import models


class PhoneField(models.CharField):
    pass


class Person(AbstractBaseUser):
    phone = {field}(max_length=50, unique=True)
    is_active = True
    USERNAME_FIELD = "phone"
"""
STAFF = """\
    name = models.CharField(max_length=20, null=True, blank=True)
    is_staff = models.BooleanField(default=False)
"""


@pytest.mark.parametrize(
    "model",
    [OF_THEIR_OWN.format(field="PhoneField"), OF_THEIR_OWN.format(field="models.CharField") + STAFF],
    ids=["little is known", "some is"],
)
def test_users_of_any_kind(model: str, tmp_path: Path) -> None:
    """Neither fields that Django's own users have nor an admin; and what the API would be called is taken."""
    layout = "startproject-6.0"
    project = copy_layout(layout, tmp_path / "project", git=True)
    settings = (project / "mysite/settings.py").read_text()
    settings = settings.replace("    'django.contrib.admin',\n", "    'people',\n")
    settings += "AUTH_USER_MODEL = 'people.Person'\nLOGIN_URL = '/sign-in/'\nSESSION_COOKIE_NAME = 'sid'\n"
    urls = "from django.urls import path\n\nfrom shop import views as api\n\nurlpatterns = [path('api/v1/', api)]\n"
    files = {"mysite/settings.py": settings, "mysite/urls.py": urls.replace(", api)", ", lambda _: api)")}
    build(project, {**files, "people/__init__.py": "", "people/models.py": model})
    made = run(layout, project, "manage.py", "makemigrations", "people")
    assert made.returncode == 0, made.stdout
    Cli(project, tmp_path / "state")("add", "ninja", "--yes", "--allow-dirty")
    assert "path('api/ninja/', ninja_api.urls)" in (project / "mysite/urls.py").read_text()
    tested = run(layout, project, "manage.py", "test", "mysite")
    assert tested.returncode == 0, tested.stdout


SETTINGS, URLS, API = "mysite/settings.py", "mysite/urls.py", "mysite/ninja_api.py"
OF_USERS, WITH_TOKENS = "mysite/users_api/routes.py", "config/ninja_api.py"
MOUNTED = "    path('api/v1/', api.urls),\n"
PLAIN, TOKENS = "startproject-6.0", "cookiecutter"
MUTATIONS = {
    "not installed": Mutation(SETTINGS, "    'ninja',\n", "", "test_the_schema_in_the_repository_is_current"),
    "not mounted": Mutation(URLS, MOUNTED, "", "test_nothing_else_answers_for_the_api"),
    "mounted behind something": Mutation(
        URLS,
        MOUNTED,
        f"    path('api/v1/users/me', admin.site.index),\n{MOUNTED}",
        "test_nothing_else_answers_for_the_api",
    ),
    "its name is used twice": Mutation(
        URLS, MOUNTED, f"{MOUNTED}    path('again/', api.urls),\n", "test_nothing_else_has_its_name"
    ),
    "committed after an error": Mutation(
        API, "        roll_back(request)\n", "", "test_what_a_request_wrote_goes_with_its_error"
    ),
    "rolled back by mistake": Mutation(
        API, " or iscoroutinefunction(match.func)", "", "test_errors_beside_async_views_spoil_nothing"
    ),
    "async in a transaction": Mutation(
        API,
        "transaction.non_atomic_requests(alias)(pattern.callback)",
        "pass",
        "test_async_views_go_with_atomic_requests",
    ),
    "nothing found is an error of ours": Mutation(
        API,
        "        self.exception_handler(ObjectDoesNotExist)(self.not_found)\n",
        "",
        "test_errors_are_json",
    ),
    "nothing allowed is an error of ours": Mutation(
        API, "        self.exception_handler(PermissionDenied)(self.forbidden)\n", "", "test_errors_are_json"
    ),
    "nothing valid is an error of ours": Mutation(
        API,
        "        self.exception_handler(ValidationError)(self.invalid)\n",
        "",
        "test_what_the_model_refuses_is_said",
    ),
    "errors in another shape": Mutation(
        API, "['body'] if field == NON_FIELD_ERRORS else ", "", "test_errors_say_what_is_wrong"
    ),
    "docs for everybody": Mutation(
        API, "    docs_decorator=staff_member_required,\n", "", "test_docs_are_for_staff"
    ),
    "everybody is let in": Mutation(API, "    auth=[SessionAuth()],\n", "", "test_nobody_else_is_let_in"),
    "other sites may use a session": Mutation(
        API, "[SessionAuth()]", "[SessionAuth(csrf=False)]", "test_other_sites_cannot_use_a_session"
    ),
    "models are not asked": Mutation(
        OF_USERS, "    user.full_clean()\n", "", "test_what_the_model_refuses_is_said"
    ),
    "nothing is saved": Mutation(OF_USERS, "    user.save()\n", "", "test_users_change_what_they_give"),
    "what is not given is taken away": Mutation(
        OF_USERS, "exclude_none=True", "", "test_users_change_what_they_give"
    ),
    "not in the schema": Mutation(
        OF_USERS, "tags=['users']", "tags=['people']", "test_the_schema_in_the_repository_is_current"
    ),
}
OF_TOKENS = {
    "no sessions": Mutation(WITH_TOKENS, ", SessionAuth()]", "]", "test_a_session_is_enough_to_read"),
    "tokens behind sessions": Mutation(
        WITH_TOKENS, "[TokenAuth(), SessionAuth()]", "[SessionAuth(), TokenAuth()]", "test_a_token_is_enough"
    ),
    "any token will do": Mutation(
        WITH_TOKENS,
        "        except AuthenticationFailed:\n            return None\n",
        "        except AuthenticationFailed:\n            return request.user\n",
        "test_another_token_is_not",
    ),
}
CASES = [*((PLAIN, name) for name in MUTATIONS), *((TOKENS, name) for name in OF_TOKENS)]


class Subject(NamedTuple):
    """A project with the feature, and its database; none for SQLite."""

    layout: str
    project: Path
    database: str = ""

    def outcome(self, *names: str) -> tuple[int, str]:
        """The exit code and the output of the added tests, or of those with the names."""
        chosen = ("-k", *names) if names else ()
        [path] = self.project.rglob("test_ninja_api.py")
        target = path.relative_to(self.project).as_posix()
        if self.layout == PLAIN:
            target = target.removesuffix(".py").replace("/", ".")
        ran = run(
            self.layout, self.project, *CATALOGUE[self.layout].tests, *chosen, target, database=self.database
        )
        return ran.returncode, ran.stdout


@pytest.fixture(scope="module")
def subject(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Subject]]:
    """One project of each layout for all mutations, in whatever order they come."""
    dropped: list[Callable[[], None]] = []

    @cache
    def made(layout: str) -> Subject:
        folder = tmp_path_factory.mktemp("ninja")
        project = copy_layout(layout, folder / "project", git=True)
        Cli(project, folder / "state")("add", "ninja", "--yes")
        if layout == PLAIN:
            return Subject(layout, project)
        postgres: Postgres = request.getfixturevalue("postgres")
        name = postgres.create()
        dropped.append(lambda: postgres.drop(name))
        return Subject(layout, project, postgres.url(name))

    yield made
    for drop in dropped:
        drop()


@pytest.mark.parametrize("layout", [PLAIN, TOKENS])
def test_all_is_well(layout: str, subject: Callable[[str], Subject]) -> None:
    code, output = subject(layout).outcome()
    assert code == 0, output


@pytest.mark.parametrize(("layout", "name"), CASES)
def test_a_mutation_is_caught(layout: str, name: str, subject: Callable[[str], Subject]) -> None:
    found, mutation = subject(layout), {**MUTATIONS, **OF_TOKENS}[name]
    with written(found.project, mutation.files(found.project)):
        code, output = found.outcome(mutation.caught_by)
    assert code == 1, output
    failed = (f"FAIL: {mutation.caught_by} ", f"ERROR: {mutation.caught_by} ", f"::{mutation.caught_by}")
    assert any(line in output for line in failed), output
