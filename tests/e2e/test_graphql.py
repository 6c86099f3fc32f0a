"""GraphQL over HTTP from running servers, under WSGI and ASGI, in production and development, and in a browser."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.cli_runner import Cli
from tests.e2e.mutations import Mutation, written
from tests.e2e.services import free_port
from tests.projects import CATALOGUE, copy_layout, run, running, variant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.services import Postgres

pytestmark = pytest.mark.e2e

WAYS = ("graphql", "graphql --library graphene")
SERVERS = {
    "turbo": ("-m", "gunicorn", "config.wsgi", "--bind"),
    "turbo_minimal": ("-m", "uvicorn", "config.asgi:application", "--lifespan", "off", "--host"),
}
"""A layout with WSGI, and one with ASGI."""
DEADLINE = 90
SECRET = "s" * 32
NOWHERE = "127.0.0.1:9"
PRODUCTION = {
    "DJANGO_SECRET_KEY": "only-for-the-tests-only-for-the-tests-only-for-the-tests",
    "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
    "DJANGO_ADMIN_URL": "admin/",
    "MAILGUN_API_KEY": "none",
    "MAILGUN_DOMAIN": "example.invalid",
    "MAILGUN_API_URL": f"http://{NOWHERE}/v3",
    "SENTRY_DSN": f"http://none@{NOWHERE}/1",
}
SIGN_IN = """
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
User = get_user_model()
user = User.objects.create(**{User.USERNAME_FIELD: "ada@example.com"})
user.groups.add(Group.objects.create(name="bakers"))
client = Client()
client.force_login(user)
print("session", client.cookies["sessionid"].value)
"""
EXPORTS = {
    "graphql": ("export_schema", "config.graphql_api.schema", "--path"),
    "graphql --library graphene": ("graphql_schema", "--out"),
}
MUTATIONS = {
    "everybody sees all": Mutation(
        "{}/users/selectors.py",
        '    if not user.has_perm("users.view_user"):\n        users = users.filter(pk=user.pk)\n',
        "",
        "test_others_are_hidden",
    ),
    "nobody sees others": Mutation(
        "{}/users/selectors.py",
        '    if not user.has_perm("users.view_user"):\n        users = users.filter(pk=user.pk)\n',
        "    users = users.filter(pk=user.pk)\n",
        "test_who_may_view_users_sees_all",
    ),
    "the groups of others": Mutation(
        "{}/users/selectors.py",
        "    return [list(user.groups.all()) for user in users]",
        "    return [list(user.groups.all()) for user in reversed(users)]",
        "test_everybody_has_their_own_groups",
    ),
    "one query for each user": Mutation(
        "{}/users/selectors.py",
        '    prefetch_related_objects(users, Prefetch("groups", queryset=groups))\n',
        "",
        "test_queries_do_not_grow_with_the_users",
    ),
    "no limit of depth": Mutation(
        "config/graphql_api/limits.py",
        "size.depth > MAX_DEPTH",
        "False",
        "test_a_query_that_is_too_deep_is_refused",
    ),
    "no limit of costs": Mutation(
        "config/graphql_api/limits.py",
        "size.fields > MAX_FIELDS",
        "False",
        "test_a_query_that_is_too_costly_is_refused",
    ),
    "fragments count once": Mutation(
        "config/graphql_api/limits.py",
        "            return self.measure_fragment(node.name.value)\n",
        "            return Size()\n",
        "test_fragments_count_as_often_as_they_are_used",
    ),
    "no limit of a page": Mutation(
        "config/graphql_api/limits.py",
        "min(max(limit, 0), MAX_PAGE)",
        "max(limit, 0)",
        "test_a_page_has_its_limits",
    ),
    "another type of a field": Mutation(
        "config/graphql_api/schema.graphql",
        "  groups: [Group!]!",
        "  groups: [Group!]",
        "test_the_exported_schema_is_up_to_date",
    ),
}
OF_STRAWBERRY = {
    "atomic": Mutation(
        "config/graphql_api/views.py",
        "    transaction.non_atomic_requests(using=alias)(graphql_view)",
        "    pass",
        "test_requests_may_be_atomic_elsewhere",
    ),
    "no limit of tokens": Mutation(
        "config/graphql_api/schema.py",
        "        lambda: MaxTokensLimiter(MAX_TOKENS),\n",
        "",
        "test_a_query_that_is_too_long_is_refused",
    ),
    "errors are told": Mutation(
        "config/graphql_api/schema.py",
        "        lambda: MaskErrors(is_internal),\n",
        "",
        "test_the_server_keeps_its_errors_to_itself",
    ),
    "queries in addresses": Mutation(
        "config/graphql_api/views.py",
        ", allow_queries_via_get=False",
        "",
        "test_queries_are_not_taken_from_addresses",
    ),
    "introspection in production": Mutation(
        "config/graphql_api/schema.py", "if settings.GRAPHIQL:", "if True:", "test_the_schema_is_not_told"
    ),
    "suggestions": Mutation(
        "config/graphql_api/schema.py",
        "    config=StrawberryConfig(disable_field_suggestions=True),\n",
        "",
        "test_names_are_not_suggested",
    ),
    "graphiql in production": Mutation(
        "config/graphql_api/views.py",
        '"graphiql" if settings.GRAPHIQL else None',
        '"graphiql"',
        "test_there_is_no_graphiql",
    ),
    "no token for graphiql": Mutation(
        "config/graphql_api/views.py",
        "page.replace(FROM_COOKIE, json.dumps(get_token(request)))",
        "page",
        "test_graphiql_has_the_csrf_token_in_development",
    ),
    "open to all": Mutation(
        "config/graphql_api/views.py",
        "not user.is_authenticated",
        "False",
        "test_nobody_else_gets_in",
    ),
    "exempt from CSRF": Mutation(
        "config/graphql_api/views.py",
        "for alias in connections:",
        "graphql_view.csrf_exempt = True\nfor alias in connections:",
        "test_a_request_needs_the_csrf_token",
    ),
}
OF_GRAPHENE = {
    "no limit of tokens": Mutation(
        "config/graphql_api/views.py",
        ", max_tokens=MAX_TOKENS",
        "",
        "test_a_query_that_is_too_long_is_refused",
    ),
    "errors are told": Mutation(
        "config/graphql_api/views.py",
        'message = "Unexpected error."',
        'message = formatted["message"]',
        "test_the_server_keeps_its_errors_to_itself",
    ),
    "queries in addresses": Mutation(
        "config/graphql_api/views.py",
        '            return HttpResponseNotAllowed(["POST"])',
        "            pass",
        "test_queries_are_not_taken_from_addresses",
    ),
    "introspection in production": Mutation(
        "config/graphql_api/views.py",
        "            rules.append(NoSchemaIntrospectionCustomRule)",
        "            pass",
        "test_the_schema_is_not_told",
    ),
    "suggestions": Mutation(
        "config/graphql_api/views.py",
        '.partition(" Did you mean")[0]',
        "",
        "test_names_are_not_suggested",
    ),
    "graphiql in production": Mutation(
        "config/graphql_api/views.py",
        "        elif not settings.GRAPHIQL:\n            raise Http404\n",
        "        else:\n            self.graphiql = True\n",
        "test_there_is_no_graphiql",
    ),
    "open to all": Mutation(
        "config/graphql_api/views.py",
        "not request.user.is_authenticated",
        "False",
        "test_nobody_else_gets_in",
    ),
    "exempt from CSRF": Mutation(
        "config/graphql_api/views.py",
        "graphql_view = GraphQLView.as_view(schema=schema)",
        "graphql_view = GraphQLView.as_view(schema=schema)\ngraphql_view.csrf_exempt = True",
        "test_a_request_needs_the_csrf_token",
    ),
}
CASES = [
    *(("graphql", name) for name in MUTATIONS | OF_STRAWBERRY),
    *(("graphql --library graphene", name) for name in MUTATIONS | OF_GRAPHENE),
]


class Answer(NamedTuple):
    """What came back."""

    status: int
    text: str
    cookies: str

    @property
    def json(self) -> Any:
        """The answer of the API."""
        return json.loads(self.text)


class Site(NamedTuple):
    """A running server, and the session of somebody who is signed in."""

    url: str
    session: str

    def page(self) -> Answer:
        """The address as a browser asks for it."""
        return self.send(headers={"Accept": "text/html"})

    def ask(self, query: str, *, session: bool = True, token: str = SECRET, sent: str = SECRET) -> Answer:
        """The answer to a query, with the CSRF token in the cookie and in the header."""
        cookies = {"sessionid": self.session if session else "", "csrftoken": token}
        headers = {
            "Content-Type": "application/json",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items() if value),
            "Referer": self.url.replace("http:", "https:"),
            "X-CSRFToken": sent,
        }
        return self.send(json.dumps({"query": query}).encode(), headers)

    def send(self, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request, as a proxy passes it on that is asked by HTTPS."""
        every = {"X-Forwarded-Proto": "https", **(headers or {})}
        request = urllib.request.Request(self.url, data=body, headers=every)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=DEADLINE) as response:
                return Answer(
                    response.status, response.read().decode(), response.headers.get("Set-Cookie", "")
                )
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read().decode(), "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """A project of a layout with the feature; made once."""
    known: dict[tuple[str, str], Path] = {}

    def make(layout: str, way: str) -> Path:
        if (layout, way) not in known:
            folder = tmp_path_factory.mktemp("graphql")
            known[layout, way] = copy_layout(layout, folder / "project", git=True)
            Cli(folder / "project", folder / "state")("add", *way.split(), "--yes")
        return known[layout, way]

    return make


@contextmanager
def serving(
    layout: str, way: str, project: Path, settings: str, *, database: str, redis_url: str
) -> Iterator[Site]:
    """The project on a server of its own."""
    env = {
        "DJANGO_SETTINGS_MODULE": f"config.settings.{settings}",
        "REDIS_URL": redis_url,
        **(PRODUCTION if settings == "production" else {}),
    }

    def manage(*arguments: str) -> str:
        ran = run(layout, project, "manage.py", *arguments, database=database, env=env, variant=variant(way))
        assert ran.returncode == 0, ran.stdout
        return ran.stdout

    manage("migrate", "-v", "0")
    signed_in = re.search(r"session (\w+)", manage("shell", "-c", SIGN_IN))
    assert signed_in
    port, log = free_port(), project.parent / f"{settings}.log"
    where = (f"127.0.0.1:{port}",) if layout == "turbo" else ("127.0.0.1", "--port", str(port))
    serve = (*SERVERS[layout], *where)
    with running(
        layout, project, *serve, output=log, database=database, env=env, variant=variant(way)
    ) as process:
        site = Site(f"http://127.0.0.1:{port}/api/graphql/", signed_in[1])
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                site.page()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        yield site


@pytest.mark.parametrize("layout", SERVERS)
@pytest.mark.parametrize("way", WAYS)
def test_it_answers_in_production(
    way: str, layout: str, made: Callable[[str, str], Path], database: str, redis_url: str
) -> None:
    project = made(layout, way)
    with serving(layout, way, project, "production", database=database, redis_url=redis_url) as site:
        answer = site.ask("{ me { id groups { name } } }")
        assert (answer.status, answer.json["data"]["me"]["groups"]) == (200, [{"name": "bakers"}])
        assert site.ask("{ me { id } }", session=False).status == 401
        assert site.ask("{ me { id } }", sent="").status == 403
        assert site.page().status == 404
        refused = site.ask("{ __schema { queryType { name } } }").json
        assert "introspection" in refused["errors"][0]["message"].lower()


@pytest.mark.parametrize("layout", SERVERS)
@pytest.mark.parametrize("way", WAYS)
def test_graphiql_is_there_in_development(
    way: str, layout: str, made: Callable[[str, str], Path], database: str, redis_url: str
) -> None:
    project = made(layout, way)
    with serving(layout, way, project, "local", database=database, redis_url=redis_url) as site:
        page = site.page()
        assert page.status == 200 and "graphiql" in page.text.lower()
        sent = re.search(r'"(\w{64})"', page.text)
        kept = re.search(r"csrftoken=(\w+)", page.cookies)
        assert sent and kept
        answer = site.ask("{ __schema { queryType { name } } }", token=kept[1], sent=sent[1])
        assert answer.json["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize("layout", SERVERS)
@pytest.mark.parametrize("way", WAYS)
def test_the_schema_that_came_along_is_the_exported_one(
    way: str, layout: str, made: Callable[[str, str], Path], tmp_path: Path
) -> None:
    project, exported = made(layout, way), tmp_path / "schema.graphql"
    command = ("manage.py", *EXPORTS[way], str(exported))
    ran = run(layout, project, *command, variant=variant(way))
    assert ran.returncode == 0, ran.stdout
    assert (project / "config/graphql_api/schema.graphql").read_text().strip() == exported.read_text().strip()


@pytest.fixture(scope="module")
def tested(postgres: Postgres) -> Iterator[str]:
    """A database for the tests with mistakes in them."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.mark.parametrize(("way", "mistake"), CASES)
def test_a_mutation_is_caught(
    way: str, mistake: str, made: Callable[[str, str], Path], tested: str, redis_url: str
) -> None:
    layout, project = "turbo", made("turbo", way)
    own = OF_STRAWBERRY if way == "graphql" else OF_GRAPHENE
    found = (MUTATIONS | own)[mistake]
    found = found._replace(path=found.path.format(CATALOGUE[layout].package))
    command = (
        *CATALOGUE[layout].tests,
        "-rf",
        "-k",
        found.caught_by,
        "config/graphql_api/tests/test_graphql.py",
    )
    with written(project, found.files(project)):
        ran = run(
            layout, project, *command, database=tested, env={"REDIS_URL": redis_url}, variant=variant(way)
        )
    assert ran.returncode == 1, ran.stdout
    assert re.search(rf"^FAILED .*::{found.caught_by}\b", ran.stdout, re.MULTILINE), ran.stdout
