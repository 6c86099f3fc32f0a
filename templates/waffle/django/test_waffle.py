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

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, Template
from django.test import RequestFactory, TestCase, override_settings
from django.urls import path[= ", reverse" if admin else "" =]
from waffle import flag_is_active, get_waffle_flag_model, switch_is_active
from waffle.testutils import override_flag, override_switch

if TYPE_CHECKING:
    from django.http import HttpRequest

FLAG = "test_flag"
SWITCH = "test_switch"


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(flag_is_active(request, FLAG)), content_type="text/plain")


urlpatterns = [path("", page)]


class SwitchTests(TestCase):
    def test_switch_that_nobody_made_is_off(self) -> None:
        self.assertFalse(switch_is_active("nobody_made_this_switch"))

    def test_switch_is_turned_on_and_off(self) -> None:
        with override_switch(SWITCH, active=True):
            self.assertTrue(switch_is_active(SWITCH))
        with override_switch(SWITCH, active=False):
            self.assertFalse(switch_is_active(SWITCH))


class FlagTests(TestCase):
    def test_flag_is_on_for_everyone(self) -> None:
        with override_flag(FLAG, active=True):
            self.assertTrue(flag_is_active(RequestFactory().get("/"), FLAG))

    def test_flag_is_on_for_superusers_first(self) -> None:
        visitor, superuser = RequestFactory().get("/"), RequestFactory().get("/")
        visitor.user = AnonymousUser()
        superuser.user = get_user_model()(is_superuser=True)
        with override_flag(FLAG, active=None):
            self.assertFalse(flag_is_active(visitor, FLAG))
            self.assertTrue(flag_is_active(superuser, FLAG))

    @override_settings(ROOT_URLCONF=__name__)
    def test_visitor_keeps_the_first_answer(self) -> None:
        """`WaffleMiddleware` stores in a cookie who is in the half that has the feature."""
        with override_flag(FLAG, active=None):
            flag = get_waffle_flag_model().objects.get(name=FLAG)
            flag.percent = 50
            flag.save()
            flag.flush()
            answers = {self.client.get("/", secure=True).content.decode() for _ in range(20)}
        self.assertEqual(answers, {self.client.cookies[f"dwf_{FLAG}"].value})


class TemplateTests(TestCase):
    def test_template_tags(self) -> None:
        template = Template(
            "{% load waffle_tags %}"
            '{% switch "test_switch" %}{% flag "test_flag" %}new{% endflag %}'
            "{% else %}old{% endswitch %}"
        )
        context = Context({"request": RequestFactory().get("/")})
        for active, expected in [(True, "new"), (False, "old")]:
            with (
                self.subTest(active=active),
                override_switch(SWITCH, active=active),
                override_flag(FLAG, active=True),
            ):
                self.assertEqual(template.render(context), expected)
[% if admin %]


class AdminTests(TestCase):
    def test_admin(self) -> None:
        model = get_user_model()
        names = (model.USERNAME_FIELD, *model.REQUIRED_FIELDS)
        user = model._default_manager.create_superuser(**dict.fromkeys(names, "admin@example.com"))
        self.client.force_login(user)
        for name in ["flag", "switch", "sample"]:
            with self.subTest(model=name):
                url = reverse(f"admin:waffle_{name}_changelist")
                self.assertEqual(self.client.get(url, secure=True).status_code, HTTPStatus.OK)
[% endif %]
