"""The GraphQL API: who sees what, what it costs, and what is refused."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, Permission[= ", " ~ user if not own else "" =]
[% if strawberry %]
from django.db import connection, connections
[% else %]
from django.db import connection
[% endif %]
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
[% if not strawberry %]
from graphql import print_schema
[% endif %]

[% if own %]
from [= users =].models import [= user =]
[% endif %]
from [= package =] import limits, users
from [= package =].schema import schema

USERS = "{ users { id [= identifier =] groups { name } } }"
INTROSPECTION = "{ __schema { queryType { name } } }"
HTML = {"accept": "text/html"}


def new_user(name: str) -> [= user =]:
    address = f"{name}@example.com"
    names = {[= user =].USERNAME_FIELD, [= user =].get_email_field_name()}
    return [= user =].objects.create(**dict.fromkeys(names, address))


def post(client: Client, query: str, **headers: str) -> Any:
    body = json.dumps({"query": query})
    return client.post(
        reverse("graphql"), body, content_type="application/json", headers=headers
    )


@override_settings(GRAPHIQL=False)
class GraphQLTestCase(TestCase):
    def setUp(self) -> None:
        self.user = new_user("reader")
        self.client.force_login(self.user)

    def ask(self, query: str) -> dict[str, Any]:
        response = post(self.client, query)
        assert response.status_code == HTTPStatus.OK, response.content
        answer = json.loads(response.content)
        assert "errors" not in answer
        return answer["data"]

    def refusal(self, query: str) -> str:
        answer = json.loads(post(self.client, query).content)
        assert not answer.get("data")
        return " ".join(error["message"] for error in answer["errors"])

    def allow_to_view(self) -> None:
        codename = "view_[= user|lower =]"
        self.user.user_permissions.add(Permission.objects.get(codename=codename))


class WhoSeesWhatTests(GraphQLTestCase):
    def test_everybody_sees_themselves(self) -> None:
        expected = {"id": str(self.user.pk), "[= identifier =]": "reader@example.com"}
        assert self.ask("{ me { id [= identifier =] } }") == {"me": expected}

    def test_others_are_hidden(self) -> None:
        new_user("another")
        assert self.ask("{ users { id } }") == {"users": [{"id": str(self.user.pk)}]}

    def test_who_may_view_users_sees_all(self) -> None:
        another = new_user("another")
        self.allow_to_view()
        found = self.ask("{ users { id } }")["users"]
        assert {user["id"] for user in found} == {str(self.user.pk), str(another.pk)}

    def test_nobody_else_gets_in(self) -> None:
        response = post(Client(), "{ __typename }")
        assert response.status_code == HTTPStatus.UNAUTHORIZED

    def test_a_page_has_its_limits(self) -> None:
        self.allow_to_view()
        for number in range(3):
            new_user(f"number{number}")
        with patch.object(limits, "MAX_PAGE", 1):
            assert len(self.ask("{ users(limit: 100) { id } }")["users"]) == 1
        assert len(self.ask("{ users(offset: 3) { id } }")["users"]) == 1
        assert self.ask("{ users(offset: -1, limit: -1) { id } }") == {"users": []}


class DataLoaderTests(GraphQLTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.allow_to_view()
        self.bakers = Group.objects.create(name="bakers")
        self.authors = Group.objects.create(name="authors")

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.ask(USERS)
        return len(captured)

    def test_queries_do_not_grow_with_the_users(self) -> None:
        self.user.groups.add(self.bakers)
        few = self.queries()
        for number in range(5):
            new_user(f"number{number}").groups.add(self.bakers, self.authors)
        assert self.queries() == few

    def test_everybody_has_their_own_groups(self) -> None:
        self.user.groups.add(self.bakers)
        new_user("alone")
        new_user("busy").groups.add(self.bakers, self.authors)
        found = {
            user["[= identifier =]"].partition("@")[0]: [one["name"] for one in user["groups"]]
            for user in self.ask(USERS)["users"]
        }
        expected = {"reader": ["bakers"], "alone": [], "busy": ["authors", "bakers"]}
        assert found == expected


class LimitsTests(GraphQLTestCase):
    def test_a_query_that_is_too_deep_is_refused(self) -> None:
        depth = limits.MAX_DEPTH
        query = "{ me " + "{ groups " * depth + "{ id }" + " }" * depth + " }"
        assert "too deep" in self.refusal(query)

    def test_a_query_that_is_too_costly_is_refused(self) -> None:
        fields = " ".join(f"a{number}: id" for number in range(limits.MAX_FIELDS))
        assert "too costly" in self.refusal(f"{{ me {{ {fields} }} }}")

    def test_fragments_count_as_often_as_they_are_used(self) -> None:
        query = "{ me { ...f0 } }"
        for number in range(40):
            query += f" fragment f{number} on User {{"
            query += f" a: id ...f{number + 1} ...f{number + 1} }}"
        query += " fragment f40 on User { b: id }"
        assert "too costly" in self.refusal(query)

    def test_a_query_that_is_too_long_is_refused(self) -> None:
        query = "{ " + "__typename " * limits.MAX_TOKENS + "}"
        assert "tokens" in self.refusal(query)

    def test_the_server_keeps_its_errors_to_itself(self) -> None:
        broken = patch.object(users, "users_visible_to", side_effect=OSError("secret"))
        with broken, self.assertLogs(level="ERROR") as logs:
            message = self.refusal("{ users { id } }")
        assert "secret" not in message
        assert "secret" in "".join(map(str, logs.output))


class HttpTests(GraphQLTestCase):
    def test_a_request_needs_the_csrf_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.user)
        response = post(client, "{ me { id } }")
        assert response.status_code == HTTPStatus.FORBIDDEN

    def test_queries_are_not_taken_from_addresses(self) -> None:
        response = self.client.get(reverse("graphql"), {"query": "{ me { id } }"})
        assert response.status_code == HTTPStatus.[= "BAD_REQUEST" if strawberry else "METHOD_NOT_ALLOWED" =]
[% if strawberry %]

    def test_requests_may_be_atomic_elsewhere(self) -> None:
        with patch.dict(connections.settings["default"], {"ATOMIC_REQUESTS": True}):
            assert self.ask("{ me { id } }") == {"me": {"id": str(self.user.pk)}}
[% endif %]

    async def test_it_answers_under_asgi(self) -> None:
        await sync_to_async(self.async_client.force_login)(self.user)
        response = await self.async_client.post(
            reverse("graphql"), {"query": USERS}, content_type="application/json"
        )
        assert json.loads(response.content)["data"]["users"][0]["groups"] == []


class DevelopmentTests(GraphQLTestCase):
    def test_the_schema_is_not_told(self) -> None:
        assert "introspection" in self.refusal(INTROSPECTION).lower()

    def test_names_are_not_suggested(self) -> None:
        assert "Did you mean" not in self.refusal("{ mee { id } }")

    def test_there_is_no_graphiql(self) -> None:
        response = self.client.get(reverse("graphql"), headers=HTML)
        assert response.status_code == HTTPStatus.NOT_FOUND

    @override_settings(GRAPHIQL=True)
    def test_the_schema_is_told_in_development(self) -> None:
        assert self.ask(INTROSPECTION)["__schema"]["queryType"]["name"] == "Query"

    @override_settings(GRAPHIQL=True, CSRF_COOKIE_HTTPONLY=True)
    def test_graphiql_has_the_csrf_token_in_development(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.user)
        page = client.get(reverse("graphql"), headers=HTML).content.decode()
        assert "graphiql" in page.lower()
[% if strawberry %]
        token = re.search(r'csrfToken = "(\w{64})"', page)
[% else %]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w{64})"', page)
[% endif %]
        assert token is not None
        response = post(client, "{ me { id } }", **{"X-CSRFToken": token[1]})
        assert response.status_code == HTTPStatus.OK

    def test_the_exported_schema_is_up_to_date(self) -> None:
        path = Path(limits.__file__).with_name("schema.graphql")
[% if strawberry %]
        assert path.read_text(encoding="utf-8").strip() == schema.as_str().strip()
[% else %]
        exported = path.read_text(encoding="utf-8").strip()
        assert exported == print_schema(schema.graphql_schema).strip()
[% endif %]
