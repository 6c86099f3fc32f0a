"""The GraphQL endpoint, for those who are signed in. It checks CSRF tokens as any view.

It is not atomic, whatever ATOMIC_REQUESTS says, since async views cannot be:
mutations call services that are.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import connections, transaction
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from strawberry.django.views import AsyncGraphQLView

from .context import Context
from .schema import schema

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from [= users =].models import [= user =]

# How GraphiQL finds the token. Scripts cannot read a cookie that is HttpOnly.
FROM_COOKIE = 'Cookies.get("csrftoken")'


class GraphQLView(AsyncGraphQLView[Context, None]):
    def __init__(self, **options: Any) -> None:
        ide = "graphiql" if settings.GRAPHIQL else None
        super().__init__(**options, graphql_ide=ide)

    async def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.method == "POST" and not (await request.auser()).is_authenticated:
            errors = [{"message": "Sign in first"}]
            return JsonResponse({"errors": errors}, status=HTTPStatus.UNAUTHORIZED)
        return await super().dispatch(request, *args, **kwargs)

    async def get_context(self, request: HttpRequest, response: Any) -> Context:
        user = cast("[= user =]", await request.auser())
        return Context(request=request, response=response, user=user)

    async def render_graphql_ide(self, request: HttpRequest) -> HttpResponse:
        page = self.graphql_ide_html
        return HttpResponse(page.replace(FROM_COOKIE, json.dumps(get_token(request))))


graphql_view = GraphQLView.as_view(schema=schema, allow_queries_via_get=False)
for alias in connections:
    transaction.non_atomic_requests(using=alias)(graphql_view)
