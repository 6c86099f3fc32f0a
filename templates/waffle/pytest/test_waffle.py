"""Feature flags work in this project: settings, middleware, template tags[= " and admin" if admin else "" =].

Waffle keeps flags in the cache too, where they outlive a test's transaction: in tests,
set them with `waffle.testutils` only.
https://waffle.readthedocs.io/en/stable/testing/automated.html
"""

from __future__ import annotations

[% if admin %]
from http import HTTPStatus
[% endif %]
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, Template
from django.urls import path[= ", reverse" if admin else "" =]
from waffle import flag_is_active, get_waffle_flag_model, switch_is_active
from waffle.testutils import override_flag, override_switch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.test import Client, RequestFactory

FLAG = "test_flag"
SWITCH = "test_switch"

pytestmark = pytest.mark.django_db


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(flag_is_active(request, FLAG)), content_type="text/plain")


urlpatterns = [path("", page)]


@pytest.fixture
def half() -> Iterator[None]:
    """A flag that is on for half of all visitors."""
    with override_flag(FLAG, active=None):
        flag = get_waffle_flag_model().objects.get(name=FLAG)
        flag.percent = 50
        flag.save()
        flag.flush()
        yield


def test_switch_that_nobody_made_is_off() -> None:
    assert not switch_is_active("nobody_made_this_switch")


def test_switch_is_turned_on_and_off() -> None:
    with override_switch(SWITCH, active=True):
        assert switch_is_active(SWITCH)
    with override_switch(SWITCH, active=False):
        assert not switch_is_active(SWITCH)


def test_flag_is_on_for_everyone(rf: RequestFactory) -> None:
    with override_flag(FLAG, active=True):
        assert flag_is_active(rf.get("/"), FLAG)


def test_flag_is_on_for_superusers_first(rf: RequestFactory) -> None:
    visitor, superuser = rf.get("/"), rf.get("/")
    visitor.user = AnonymousUser()
    superuser.user = get_user_model()(is_superuser=True)
    with override_flag(FLAG, active=None):
        assert not flag_is_active(visitor, FLAG)
        assert flag_is_active(superuser, FLAG)


@pytest.mark.parametrize(("active", "expected"), [(True, "new"), (False, "old")])
def test_template_tags(rf: RequestFactory, *, active: bool, expected: str) -> None:
    template = Template(
        "{% load waffle_tags %}"
        '{% switch "test_switch" %}{% flag "test_flag" %}new{% endflag %}'
        "{% else %}old{% endswitch %}",
    )
    with override_switch(SWITCH, active=active), override_flag(FLAG, active=True):
        assert template.render(Context({"request": rf.get("/")})) == expected


@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("half")
def test_visitor_keeps_the_first_answer(client: Client) -> None:
    """`WaffleMiddleware` stores in a cookie who is in the half that has the feature."""
    answers = {client.get("/", secure=True).content.decode() for _ in range(20)}
    assert answers == {client.cookies[f"dwf_{FLAG}"].value}
[% if admin %]


@pytest.mark.parametrize("model", ["flag", "switch", "sample"])
def test_admin(admin_client: Client, model: str) -> None:
    url = reverse(f"admin:waffle_{model}_changelist")
    assert admin_client.get(url, secure=True).status_code == HTTPStatus.OK
[% endif %]
