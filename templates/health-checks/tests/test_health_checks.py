"""Probes are answered whatever their host and scheme, in time, and tell no secrets."""

from __future__ import annotations

[% if celery %]
import os
[% endif %]
from http import HTTPStatus
from importlib import import_module
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING
from typing import Any
from unittest import mock

from asgiref.sync import iscoroutinefunction
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpResponse
from django.test import RequestFactory
from django.test import SimpleTestCase
from django.test import TestCase
from django.test import override_settings
from django.urls import path

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

# By its name, since apps are not to import from where the project is configured.
health = import_module("[= module =]")

PATHS = ("/healthz/", "/healthz", "/readyz/", "/readyz")
HOST = {"Host": "10.0.3.7:5000"}
ADDRESS = "postgres://shop:swordfish@db.internal/shop"
WORD = "open sesame"
SOON = 4


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


async def async_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page")


urlpatterns = [path("", page)]


def found(**errors: str) -> Any:
    """Checks that have ended like this."""
    outcomes = {name: health.Outcome(error, 0.1) for name, error in errors.items()}
    return mock.patch.object(health.readiness, "ask", return_value=outcomes)


@override_settings(
    ALLOWED_HOSTS=["shop.example"],
    DEBUG=False,
    HEALTH_CHECK_TOKEN=WORD,
    ROOT_URLCONF=__name__,
    SECURE_SSL_REDIRECT=True,
)
class ProbeTests(SimpleTestCase):
    def test_any_host_and_plain_http(self) -> None:
        with found(database=""):
            for each in PATHS:
                response = self.client.get(each, headers=HOST)
                assert response.status_code == HTTPStatus.OK, each
                assert response.json() == {"status": "ok"}
                assert response["Cache-Control"] == "no-store"
                assert response["Content-Length"] == str(len(response.content))
                assert not response.cookies

    async def test_the_same_under_asgi(self) -> None:
        with found(database=""):
            for each in PATHS:
                response = await self.async_client.get(each, headers=HOST)
                assert response.status_code == HTTPStatus.OK, each

    async def test_nothing_is_in_the_way_of_async_views(self) -> None:
        middleware = health.health_checks(async_page)
        assert iscoroutinefunction(middleware)
        with found(database="", cache="ConnectionError"):
            for each in PATHS:
                response = await middleware(RequestFactory().get(each))
                down = each.startswith("/readyz")
                expected = HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK
                assert response.status_code == expected, each
        response = await middleware(RequestFactory().get("/"))
        assert response.content == b"a page"

    def test_below_a_prefix(self) -> None:
        with found(database=""), override_settings(FORCE_SCRIPT_NAME="/shop"):
            for each in PATHS:
                assert self.client.get(each).status_code == HTTPStatus.OK, each

    def test_only_get_and_head(self) -> None:
        with found(database=""):
            for each in PATHS:
                head = health.health_checks(page)(RequestFactory().head(each))
                assert (head.status_code, head.content) == (HTTPStatus.OK, b"")
                post = self.client.post(each)
                assert post.status_code == HTTPStatus.METHOD_NOT_ALLOWED, each
                assert post["Allow"] == "GET, HEAD"

    def test_all_else_goes_on(self) -> None:
        middleware = health.health_checks(page)
        for each in ("/", "/healthz/more/", "/shop/readyz/", "//readyz/"):
            response = middleware(RequestFactory().get(each))
            assert response.content == b"a page", each

    def test_alive_asks_nobody(self) -> None:
        with (
            mock.patch.object(health.readiness, "ask", side_effect=AssertionError),
            mock.patch.object(BaseDatabaseWrapper, "connect", side_effect=ValueError),
        ):
            assert self.client.get("/healthz/").status_code == HTTPStatus.OK

    def test_not_ready_if_one_is_down(self) -> None:
        with found(database="", cache="ConnectionError"):
            response = self.client.get("/readyz/", headers=HOST)
        assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert response.json() == {"status": "unavailable"}

    def test_only_the_token_shows_more(self) -> None:
        strangers = ("", "Bearer ", WORD, f"Bearer {WORD}?", "Bearer None")
        with found(database="OperationalError"):
            for given in strangers:
                headers = {"Authorization": given}
                response = self.client.get("/readyz/", headers=headers)
                assert response.json() == {"status": "unavailable"}, given
            headers = {"Authorization": f"Bearer {WORD}"}
            seen = self.client.get("/readyz/", headers=headers).json()
        assert seen["checks"]["database"]["error"] == "OperationalError"

    def test_without_a_token_nobody_sees_more(self) -> None:
        for token in ("", None):
            with found(database=""), override_settings(HEALTH_CHECK_TOKEN=token):
                for given in ("", "Bearer ", "Bearer None"):
                    headers = {"Authorization": given}
                    response = self.client.get("/readyz/", headers=headers)
                    assert response.json() == {"status": "ok"}

    @override_settings(DEBUG=True)
    def test_under_debug_everybody_does(self) -> None:
        with found(database=""):
            assert "checks" in self.client.get("/readyz/").json()

    def test_django_does_not_log_every_probe(self) -> None:
        with found(database="OperationalError"), self.assertNoLogs("django.request"):
            self.client.get("/readyz/")


class Down(LocMemCache):
    """A cache that cannot be reached."""

    def set(self, *_args: Any, **_kwargs: Any) -> None:
        raise ConnectionError(ADDRESS)


class Silent(LocMemCache):
    """The same, under settings that ignore it."""

    def set(self, *_args: Any, **_kwargs: Any) -> None:
        pass


def cache(backend: str) -> Any:
    return override_settings(CACHES={"default": {"BACKEND": backend}})


def checking(**checks: Callable[[], None]) -> Any:
    """These checks instead."""
    return mock.patch.object(health, "checks", return_value=checks)


@cache("django.core.cache.backends.locmem.LocMemCache")
class ReadinessTests(TestCase):
    def setUp(self) -> None:
        health.readiness.forget()
        self.addCleanup(health.readiness.forget)
[% if celery %]
        self.broker("memory://")

    def broker(self, url: str, *, eager: bool = False) -> None:
        """An address, which takes precedence over that of the settings."""
        conf = mock.Mock(task_always_eager=eager)
        app = mock.Mock(wraps=health.[= celery_app =], conf=conf)
        for patch in (
            mock.patch.dict(os.environ, CELERY_BROKER_WRITE_URL=url),
            mock.patch.object(health, "[= celery_app =]", app),
        ):
            patch.start()
            self.addCleanup(patch.stop)
[% endif %]

    def errors(self) -> dict[str, str]:
        return {name: outcome.error for name, outcome in health.readiness.ask().items()}

    def failed(self) -> dict[str, str]:
        return {name: error for name, error in self.errors().items() if error}

    def test_ready(self) -> None:
        expected = {"database": "", "cache": ""[% if celery %], "broker": ""[% endif %]}
        assert self.errors() == expected
        assert self.client.get("/readyz/").status_code == HTTPStatus.OK

    def test_database_down(self) -> None:
        error = OperationalError(ADDRESS)
        with mock.patch.object(BaseDatabaseWrapper, "connect", side_effect=error):
            assert self.failed() == {"database": "OperationalError"}
            with override_settings(DEBUG=True):
                response = self.client.get("/readyz/")
        assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "swordfish" not in response.content.decode()

    def test_the_database_is_asked_apart_from_the_pool(self) -> None:
        seen: list[dict[str, Any]] = []

        def connect(wrapper: BaseDatabaseWrapper) -> None:
            seen.append(wrapper.settings_dict["OPTIONS"])
            raise OperationalError

        options = {**connection.settings_dict["OPTIONS"], "pool": True}
        with (
            mock.patch.dict(connection.settings_dict, OPTIONS=options),
            mock.patch.object(BaseDatabaseWrapper, "connect", connect),
        ):
            self.errors()
        assert "pool" not in seen[0]
        assert ("connect_timeout" in seen[0]) == (connection.vendor != "sqlite")

    def test_cache_down(self) -> None:
        for backend in (Down, Silent):
            health.readiness.forget()
            with cache(f"{__name__}.{backend.__name__}"):
                assert self.failed() == {"cache": "ConnectionError"}, backend

    def test_a_cache_that_is_none_is_not_asked(self) -> None:
        with cache("django.core.cache.backends.dummy.DummyCache"):
            assert self.failed() == {}
[% if celery %]

    def test_broker_down(self) -> None:
        self.broker("pyamqp://shop:swordfish@127.0.0.1:9//")
        assert self.failed() == {"broker": "OperationalError"}

    def test_eager_tasks_need_no_broker(self) -> None:
        self.broker("pyamqp://shop:swordfish@127.0.0.1:9//", eager=True)
        assert self.failed() == {}
[% endif %]

    def test_what_hangs_is_not_waited_for(self) -> None:
        end = Event()
        self.addCleanup(end.set)
        check = mock.Mock(side_effect=lambda: end.wait(5))
        with checking(slow=check), mock.patch.object(health, "TIMEOUT", 0.2):
            began = monotonic()
            response = self.client.get("/readyz/")
            assert monotonic() - began < SOON
            assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            health.readiness.fresh_until = 0
            assert self.failed() == {"slow": "TimeoutError"}
            assert check.call_count == 1, "it is not asked again while it hangs"
            with mock.patch.object(health, "GIVEN_UP", 0):
                health.readiness.fresh_until = 0
                assert self.failed() == {"slow": "TimeoutError"}
            assert check.call_count == 1 + 1, "it is, in the end"
            end.set()
            health.readiness.runs["slow"].thread.join()
            health.readiness.fresh_until = 0
            assert self.failed() == {}

    def test_many_probes_are_one(self) -> None:
        check = mock.Mock()
        with checking(one=check), mock.patch.object(health, "FRESH", 60):
            for _ in range(5):
                self.client.get("/readyz/")
        assert check.call_count == 1

    def test_changes_are_logged_once_and_without_secrets(self) -> None:
        check = mock.Mock(side_effect=ValueError(ADDRESS))
        with checking(one=check), self.assertLogs("[= module =]", "INFO") as logs:
            for check.side_effect in (ValueError(ADDRESS), ValueError(ADDRESS), None):
                health.readiness.fresh_until = 0
                health.readiness.ask()
        said = [record.getMessage() for record in logs.records]
        assert said == ["Not ready: one, ValueError", "Ready again: one"]
