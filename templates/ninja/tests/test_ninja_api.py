"""The API lets in who it should, answers errors in JSON, and undoes what they wrote."""

from __future__ import annotations

[% if editable %]
import json
[% endif %]
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

[% if pytest %]
import pytest
[% endif %]
[% if editable %]
from django.conf import settings
[% endif %]
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connections
from django.http import Http404, HttpResponse, HttpResponseServerError
from django.test import Client, SimpleTestCase, TestCase, override_settings
from django.urls import path, resolve, reverse
from django.utils.module_loading import import_string
from ninja import Router
from ninja.errors import HttpError
[% if tokens %]
from rest_framework.authtoken.models import Token
[% endif %]

if TYPE_CHECKING:
    from django.http import HttpRequest

# By name, since it knows all apps that have routes, which tests of an app should not.
API = "[= api =].api"
ME = "/[= prefix =]users/me"
SCHEMA = Path(__file__).resolve().parents[[= depth =]] / "[= schema =]"
EXPORT = (
    f"python manage.py export_openapi_schema --api {API}"
    " --indent 2 --sorted --output [= output =]"
[% if test_settings %]
    " --settings [= test_settings =]"
[% endif %]
)
FAILURES: dict[str, Exception] = {
    "missing": ObjectDoesNotExist(),
    "absent": Http404(),
    "forbidden": PermissionDenied(),
    "invalid": ValidationError({"colour": ValidationError("No.", code="never")}),
    "refused": ValidationError("Not that."),
    "conflict": HttpError(HTTPStatus.CONFLICT, "Somebody else was faster."),
}

router = Router()


@router.post("/fails/{how}")
def fails(request: HttpRequest, how: str) -> None:
    a_user("written@example.com")
    raise FAILURES[how]


@router.post("/succeeds")
def succeeds(request: HttpRequest) -> None:
    a_user("written@example.com")


@router.get("/mixed")
async def waits(request: HttpRequest) -> str:
    return "done"


@router.post("/mixed")
def fails_beside_async(request: HttpRequest) -> None:
    raise PermissionDenied


test_api = type(import_string(API))(title="Errors", urls_namespace="errors")
test_api.add_router("", router)
urlpatterns = [path("errors/", test_api.urls)]


def handler500(request: HttpRequest) -> HttpResponse:
    # Instead of the page, which may link to other URLs.
    return HttpResponseServerError()


def a_user(name: str = "ada@example.com", **fields: Any) -> Any:
    """A user, whatever the model asks for to sign in."""
    model = get_user_model()
    names = dict.fromkeys((model.USERNAME_FIELD, *model.REQUIRED_FIELDS), name)
    user = model(**names, **fields)
    user.set_unusable_password()
    user.save()
    return user


def written() -> bool:
    model = get_user_model()
    return model.objects.filter(**{model.USERNAME_FIELD: "written@example.com"}).exists()


class SignedInTests(TestCase):
    def test_nobody_else_is_let_in(self) -> None:
        response = self.client.get(ME, secure=True)
        assert response.status_code == HTTPStatus.UNAUTHORIZED
        assert response.json() == {"detail": "Unauthorized"}

    def test_a_session_is_enough_to_read(self) -> None:
        user = a_user()
        self.client.force_login(user)
        response = self.client.get(ME, secure=True)
        assert response.status_code == HTTPStatus.OK
        assert response.json()["[= shown[0].name =]"] == str(user.get_username())
[% if editable %]

    def change(self, client: Client, **changes: object) -> Any:
        """What the API says to a change, and the headers that a browser sends."""
        return client.patch(
            ME,
            json.dumps(changes),
            content_type="application/json",
            secure=True,
            headers={"origin": "https://testserver", "x-csrftoken": "c" * 32},
        )

    def test_users_change_what_they_give(self) -> None:
        user = a_user()
        self.client.force_login(user)
        response = self.change(self.client, [= editable[0].name =]="Ada")
        assert response.status_code == HTTPStatus.OK, response.content
        assert response.json()["[= editable[0].name =]"] == "Ada"
        assert self.change(self.client).json() == response.json()
        user.refresh_from_db()
        assert user.[= editable[0].name =] == "Ada"

    def test_what_the_schema_refuses_is_said(self) -> None:
        self.client.force_login(a_user())
        response = self.change(self.client, [= editable[0].name =]=["Ada"])
        assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert response.json()["detail"][0]["loc"] == ["body", "changes", "[= editable[0].name =]"]

    def test_what_the_model_refuses_is_said(self) -> None:
        user = a_user()
        self.client.force_login(user)
        problem = ValidationError({"[= editable[0].name =]": ["Nobody is called that."]})
        with mock.patch.object(type(user), "full_clean", side_effect=problem):
            response = self.change(self.client, [= editable[0].name =]="Nobody")
        assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        [detail] = response.json()["detail"]
        assert detail["loc"] == ["body", "[= editable[0].name =]"]
        assert detail["msg"] == "Nobody is called that."
        user.refresh_from_db()
        assert user.[= editable[0].name =] != "Nobody"

    @override_settings(CSRF_USE_SESSIONS=False, CSRF_HEADER_NAME="HTTP_X_CSRFTOKEN")
    def test_other_sites_cannot_use_a_session(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(a_user())
        response = self.change(client, [= editable[0].name =]="Mallory")
        assert response.status_code == HTTPStatus.FORBIDDEN
        client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
        assert self.change(client, [= editable[0].name =]="Ada").status_code == HTTPStatus.OK
[% endif %]
[% if tokens %]


class TokenTests(TestCase):
    def test_a_token_is_enough(self) -> None:
        user = a_user()
        token = Token.objects.create(user=user)
        client = Client(enforce_csrf_checks=True)
        headers = {"authorization": f"Token {token.key}"}
        response = client.get(ME, secure=True, headers=headers)
        assert response.status_code == HTTPStatus.OK
        assert response.json()["[= shown[0].name =]"] == str(user.get_username())
[% if editable %]
        changes = json.dumps({"[= editable[0].name =]": "Ada"})
        response = client.patch(
            ME, changes, content_type="application/json", secure=True, headers=headers
        )
        assert response.status_code == HTTPStatus.OK, response.content
[% endif %]

    def test_another_token_is_not(self) -> None:
        for value in ("Token 0123456789abcdef", "Token", "Bearer x"):
            response = self.client.get(
                ME, secure=True, headers={"authorization": value}
            )
            assert response.status_code == HTTPStatus.UNAUTHORIZED, value
[% endif %]


@override_settings(ROOT_URLCONF=__name__)
class ErrorTests(TestCase):
    def post(self, address: str, *, atomic: bool = True) -> Any:
        """The answer, with ATOMIC_REQUESTS or without, whatever the settings say."""
        configured = connections.settings["default"]
        with mock.patch.dict(configured, ATOMIC_REQUESTS=atomic):
            return self.client.post(f"/errors/{address}", secure=True)

    def test_errors_are_json(self) -> None:
        not_found, forbidden = HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN
        for how, status in (
            ("missing", not_found),
            ("absent", not_found),
            ("forbidden", forbidden),
            ("invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
            ("refused", HTTPStatus.UNPROCESSABLE_ENTITY),
            ("conflict", HTTPStatus.CONFLICT),
        ):
            with self.subTest(how):
                response = self.post(f"fails/{how}")
                assert response.status_code == status, response.content
                assert response["content-type"] == "application/json; charset=utf-8"

    def test_errors_say_what_is_wrong(self) -> None:
        assert self.post("fails/missing").json() == {"detail": "Not Found"}
        assert self.post("fails/forbidden").json() == {"detail": "Forbidden"}
        assert self.post("fails/conflict").json() == {
            "detail": "Somebody else was faster."
        }
        assert self.post("fails/invalid").json() == {
            "detail": [{"type": "never", "loc": ["body", "colour"], "msg": "No."}]
        }
        assert self.post("fails/refused").json() == {
            "detail": [{"type": "invalid", "loc": ["body"], "msg": "Not that."}]
        }

    def test_what_a_request_wrote_goes_with_its_error(self) -> None:
        for how in FAILURES:
            with self.subTest(how):
                self.post(f"fails/{how}")
                assert not written()

    def test_what_a_request_wrote_stays_otherwise(self) -> None:
        assert self.post("succeeds").status_code == HTTPStatus.OK
        assert written()

    def test_what_nobody_expects_is_left_to_django(self) -> None:
        with (
            mock.patch.dict(FAILURES, {"badly": RuntimeError("badly")}),
            [= raises =](RuntimeError),
        ):
            self.post("fails/badly")
        assert not written()

    def test_async_views_go_with_atomic_requests(self) -> None:
        with mock.patch.dict(connections.settings["default"], ATOMIC_REQUESTS=True):
            response = self.client.get("/errors/mixed", secure=True)
        assert response.json() == "done"

    def test_errors_beside_async_views_spoil_nothing(self) -> None:
        assert self.post("mixed").status_code == HTTPStatus.FORBIDDEN
        assert not written()


class DocsTests(TestCase):
    def test_docs_are_for_staff(self) -> None:
        for name in ("openapi-json", "openapi-view"):
            address = reverse(f"ninja:{name}")
            for client in (self.client, self.a_client()):
                response = client.get(address, secure=True)
                assert response.status_code == HTTPStatus.FOUND, name
[% if staff %]
        client = self.a_client("staff@example.com", is_staff=True)
        response = client.get(reverse("ninja:openapi-json"), secure=True)
        assert response.status_code == HTTPStatus.OK
        assert ME in response.json()["paths"]
[% endif %]

    def a_client(self, name: str = "ada@example.com", **fields: Any) -> Client:
        client = Client()
        model = get_user_model()
        known = model.objects.filter(**{model.USERNAME_FIELD: name}).first()
        client.force_login(known or a_user(name, **fields))
        return client


class AddressTests(SimpleTestCase):
    def test_nothing_else_answers_for_the_api(self) -> None:
        assert reverse("ninja:me") == ME
        assert resolve(ME).namespace == "ninja"

    def test_nothing_else_has_its_name(self) -> None:
        warnings = [one for one in run_checks(tags=["urls"]) if one.id == "urls.W005"]
        assert not [one for one in warnings if "'ninja'" in str(one)]


class SchemaTests(SimpleTestCase):
    def test_the_schema_in_the_repository_is_current(self) -> None:
        now = StringIO()
        call_command(
            "export_openapi_schema",
            api=API,
            indent=2,
            sort_keys=True,
            stdout=now,
        )
        was = SCHEMA.read_text(encoding="utf-8") if SCHEMA.exists() else ""
        problem = f"The API is not what {SCHEMA.name} says. Write it again: {EXPORT}"
        assert was.strip() == now.getvalue().strip(), problem
