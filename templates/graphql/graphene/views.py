"""The GraphQL endpoint, for those who are signed in, with CSRF tokens as any view."""

from __future__ import annotations

import logging
from http import HTTPStatus
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, JsonResponse
from graphene_django.views import GraphQLView as SyncGraphQLView, HttpError
from graphql import (
    ExecutionResult,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    parse,
    specified_rules,
)

from .context import Context
from .limits import MAX_TOKENS, QueryLimits
from .schema import schema

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from django.http import HttpRequest

    from [= users =].models import [= user =]

logger = logging.getLogger(__name__)


async def result_of(execution: Awaitable[ExecutionResult]) -> ExecutionResult:
    return await execution


class GraphQLView(SyncGraphQLView):
    def __init__(self, **options: Any) -> None:
        rules = [*specified_rules, QueryLimits]
        if not settings.GRAPHIQL:
            rules.append(NoSchemaIntrospectionCustomRule)
        super().__init__(**options, graphiql=settings.GRAPHIQL, validation_rules=rules)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            if not request.user.is_authenticated:
                errors = [{"message": "Sign in first"}]
                return JsonResponse({"errors": errors}, status=HTTPStatus.UNAUTHORIZED)
        elif not self.can_display_graphiql(request, {}):
            return HttpResponseNotAllowed(["POST"])
        elif not settings.GRAPHIQL:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context(self, request: HttpRequest) -> Context:
        return Context(request=request, user=cast("[= user =]", request.user))

    def execute_graphql_request(
        self, request: HttpRequest, data: Any, query: str, *args: Any, **kwargs: Any
    ) -> ExecutionResult:
        """Run resolvers that are async, as those are that use loaders, to their end."""
        try:
            parse(query or "{ __typename }", max_tokens=MAX_TOKENS)
        except GraphQLError as error:
            return ExecutionResult(errors=[error])
        execution = super().execute_graphql_request(
            request, data, query, *args, **kwargs
        )
        if not isawaitable(execution):
            return execution
        return async_to_sync(result_of)(execution)

    @staticmethod
    def format_error(error: Exception) -> dict[str, Any]:
        """Errors for the client as they are; others go to the log."""
        formatted = SyncGraphQLView.format_error(error)
        cause = error.original_error if isinstance(error, GraphQLError) else error
        if cause is None or isinstance(cause, GraphQLError | HttpError):
            # Suggestions tell the names that introspection does not.
            message = formatted["message"].partition(" Did you mean")[0]
        else:
            logger.error("A GraphQL resolver failed", exc_info=cause)
            message = "Unexpected error."
        return {**formatted, "message": message}


graphql_view = GraphQLView.as_view(schema=schema)
