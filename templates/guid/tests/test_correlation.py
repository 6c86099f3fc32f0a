"""Every request has a correlation id, in its log lines and in its response."""

from __future__ import annotations

[% if logs %]
import logging
from copy import deepcopy
from logging.config import DictConfigurator
[% endif %]
from typing import TYPE_CHECKING
[% if logs %]
from typing import Any
[% endif %]
from uuid import uuid4

[% if logs %]
from django.conf import settings
[% endif %]
from django.http import HttpResponse
from django.test import TestCase
from django.test import override_settings
from django.urls import path
from django_guid.context import guid

if TYPE_CHECKING:
    from django.http import HttpRequest

HEADER = "X-Correlation-ID"
SENT = uuid4().hex


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(guid.get()))


urlpatterns = [path("", page)]


@override_settings(ROOT_URLCONF=__name__)
class CorrelationIdTests(TestCase):
    def test_every_request_has_an_id(self) -> None:
        first, second = self.client.get("/"), self.client.get("/")
        assert first[HEADER] == first.content.decode()
        assert first[HEADER] != second[HEADER]

    def test_the_id_of_the_caller_is_kept(self) -> None:
        response = self.client.get("/", headers={HEADER: SENT})
        assert response.content.decode() == SENT
        assert response[HEADER] == SENT

    def test_what_is_no_id_is_replaced(self) -> None:
        response = self.client.get("/", headers={HEADER: "Root=1-2"})
        assert response[HEADER] == response.content.decode()
        assert response[HEADER] != "Root=1-2"
[% if redirects %]

    @override_settings(SECURE_SSL_REDIRECT=True)
    def test_a_redirect_to_https_has_the_id(self) -> None:
        response = self.client.get("/", headers={HEADER: SENT})
        assert response["Location"].startswith("https://")
        assert response[HEADER] == SENT
[% endif %]
[% if cors %]

    @override_settings(CORS_ALLOW_ALL_ORIGINS=True, CORS_URLS_REGEX=r"^.*$")
    def test_scripts_of_other_origins_can_read_it(self) -> None:
        response = self.client.get("/", headers={"Origin": "https://other.test"})
        assert HEADER in response["Access-Control-Expose-Headers"]

    @override_settings(
        CORS_ALLOW_ALL_ORIGINS=True,
        CORS_EXPOSE_HEADERS=["X-Total"],
        CORS_URLS_REGEX=r"^.*$",
    )
    def test_other_headers_that_are_exposed_stay_so(self) -> None:
        response = self.client.get("/", headers={"Origin": "https://other.test"})
        assert response["Access-Control-Expose-Headers"] == "X-Total"

    @override_settings(CORS_ALLOW_ALL_ORIGINS=True, CORS_URLS_REGEX=r"^.*$")
    def test_scripts_of_other_origins_can_send_it(self) -> None:
        headers = {
            "Origin": "https://other.test",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": HEADER,
        }
        response = self.client.options("/", headers=headers)
        allowed = response["Access-Control-Allow-Headers"].lower()
        assert HEADER.lower() in allowed
        assert "authorization" in allowed
[% endif %]
[% if logs %]


def config() -> Any:
    return deepcopy(settings.LOGGING)


class LoggingTests(TestCase):
    def setUp(self) -> None:
        self.config = config()
        self.configurator = DictConfigurator(self.config)
        self.formatters = {
            name: formatter
            for name, formatter in self.config["formatters"].items()
            if "correlation_id" in formatter.get("format", "")
        }

    def test_log_lines_have_the_id(self) -> None:
        assert self.formatters
        add_id = self.configurator.configure_filter(
            self.config["filters"]["correlation_id"],
        )
        record = logging.makeLogRecord({"msg": "hello"})
        token = guid.set(SENT)
        try:
            add_id.filter(record)
        finally:
            guid.reset(token)
        for formatter in self.formatters.values():
            line = self.configurator.configure_formatter(formatter).format(record)
            assert SENT in line
[% if defaults %]

    def test_a_line_is_written_without_the_id_too(self) -> None:
        """As by a handler that is added some day without the filter."""
        record = logging.makeLogRecord({"msg": "hello"})
        for formatter in self.formatters.values():
            if not {"()", "class"} & set(formatter):
                line = self.configurator.configure_formatter(formatter).format(record)
                assert "hello" in line
[% endif %]

    def test_handlers_that_write_the_id_know_it(self) -> None:
        handlers = [
            handler
            for handler in self.config["handlers"].values()
            if handler.get("formatter") in self.formatters
        ]
        assert handlers
        for handler in handlers:
            assert "correlation_id" in handler.get("filters", [])

    def test_django_guid_is_quiet(self) -> None:
        assert not logging.getLogger("django_guid").isEnabledFor(logging.INFO)
[% endif %]
