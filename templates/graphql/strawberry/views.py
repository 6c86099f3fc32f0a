"""The GraphQL endpoint, for those who are signed in. It checks CSRF tokens as any view.

It is not atomic, whatever ATOMIC_REQUESTS says, since async views cannot be:
mutations call services that are.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from cross_web import HTTPException
from django.conf import settings
from django.db import connections, transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from strawberry.django.views import AsyncGraphQLView

from .context import Context
from .schema import schema

if TYPE_CHECKING:
    from django.http import HttpRequest

    from [= users =].models import [= user =]

# How GraphiQL finds the token. Scripts cannot read a cookie that is HttpOnly.
FROM_COOKIE = 'Cookies.get("csrftoken")'


class GraphQLView(AsyncGraphQLView[Context, None]):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.graphql_ide = "graphiql" if settings.GRAPHIQL else None

    async def get_context(self, request: HttpRequest, response: Any) -> Context:
        user = await request.auser()
        if request.method == "POST" and not user.is_authenticated:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, "Sign in first")
        return Context(request=request, response=response, user=cast("[= user =]", user))

    async def render_graphql_ide(self, request: HttpRequest) -> HttpResponse:
        page = self.graphql_ide_html
        return HttpResponse(page.replace(FROM_COOKIE, json.dumps(get_token(request))))


graphql_view = GraphQLView.as_view(schema=schema, allow_queries_via_get=False)
for alias in connections:
    transaction.non_atomic_requests(using=alias)(graphql_view)
