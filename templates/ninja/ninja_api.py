"""The API: who is let in, what errors look like, and the routes of each app.

Each app has routes in a `Router` of its own; the end of this file adds them.
https://django-ninja.dev/guides/routers/
"""

from __future__ import annotations

from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

[% if admin %]
from django.contrib.admin.views.decorators import staff_member_required
[% else %]
from django.contrib.auth.decorators import user_passes_test
[% endif %]
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
)
from django.db import connections, transaction
from django.urls import ResolverMatch, URLPattern
from ninja import NinjaAPI
from ninja.security import [= "APIKeyHeader, " if tokens else "" =]SessionAuth
[% if tokens %]
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
[% endif %]

from [= routes =] import router as users_router

if TYPE_CHECKING:
[% if not admin or tokens %]
    from django.contrib.auth.base_user import AbstractBaseUser
[% endif %]
[% if not admin %]
    from django.contrib.auth.models import AnonymousUser
[% endif %]
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLResolver


class API(NinjaAPI):
    """An API whose errors are JSON, and undo what the request has written."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The URLs. ATOMIC_REQUESTS does not allow async views, so these are exempt."""
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and iscoroutinefunction(pattern.callback):
                for alias in connections:
                    transaction.non_atomic_requests(alias)(pattern.callback)
        return patterns, app_name, namespace

    def set_default_exception_handlers(self) -> None:
        """Also answer what models and permissions raise, which would be error 500."""
        super().set_default_exception_handlers()
        self.exception_handler(ObjectDoesNotExist)(self.not_found)
        self.exception_handler(PermissionDenied)(self.forbidden)
        self.exception_handler(ValidationError)(self.invalid)

    def on_exception(
        self, request: HttpRequest, exc: Exception | type[Exception]
    ) -> HttpResponse:
        """Ninja answers before Django sees the error, so Django would commit."""
        roll_back(request)
        return super().on_exception(request, exc)

    def not_found(self, request: HttpRequest, _exc: Exception) -> HttpResponse:
        detail = {"detail": "Not Found"}
        return self.create_response(request, detail, status=HTTPStatus.NOT_FOUND)

    def forbidden(self, request: HttpRequest, _exc: Exception) -> HttpResponse:
        detail = {"detail": "Forbidden"}
        return self.create_response(request, detail, status=HTTPStatus.FORBIDDEN)

    def invalid(self, request: HttpRequest, exc: ValidationError) -> HttpResponse:
        """What a model refuses, in the shape of what a schema refuses."""
        fields: dict[str, list[ValidationError]] = exc.update_error_dict({})
        detail = [
            {
                "type": error.code or "invalid",
                "loc": ["body"] if field == NON_FIELD_ERRORS else ["body", field],
                "msg": " ".join(error.messages),
            }
            for field, errors in fields.items()
            for error in errors
        ]
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return self.create_response(request, {"detail": detail}, status=status)


def roll_back(request: HttpRequest) -> None:
    """Have ATOMIC_REQUESTS roll back. Async views are never in its transaction."""
    match = request.resolver_match
    if not isinstance(match, ResolverMatch) or iscoroutinefunction(match.func):
        return
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(rollback=True)
[% if tokens %]


class TokenAuth(APIKeyHeader):
    """The tokens that Django REST framework hands out."""

    param_name = "Authorization"
    openapi_description = "A token: `Token 0123456789abcdef`"

    def authenticate(
        self, request: HttpRequest, _key: str | None
    ) -> AbstractBaseUser | None:
        try:
            found = TokenAuthentication().authenticate(Request(request))
        except AuthenticationFailed:
            return None
        return found[0] if found else None
[% endif %]
[% if not admin %]


def is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    return user.is_active and getattr(user, "is_staff", False)
[% endif %]


api = API(
    title="[= title =]",
    version="1.0.0",
    urls_namespace="ninja",
[% if tokens %]
    # Whoever has a token is not asked for a CSRF token, so tokens come first.
[% endif %]
    auth=[[= "TokenAuth(), " if tokens else "" =]SessionAuth()],
    docs_decorator=[= "staff_member_required" if admin else "user_passes_test(is_staff)" =],
)

api.add_router("/users/", users_router)
