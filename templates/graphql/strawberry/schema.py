"""The GraphQL schema: each module of this package adds its queries to `Query`.

Write it down again after a change, so that reviewers and clients see it:
python manage.py export_schema [= package =].schema
    --path [= exported =]
"""

from __future__ import annotations

import strawberry
from django.conf import settings
from graphql import GraphQLError, NoSchemaIntrospectionCustomRule
from strawberry.extensions import AddValidationRules, MaskErrors, MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig

from .limits import MAX_TOKENS, QueryLimits
from .users import UserQuery


@strawberry.type
class Query(UserQuery):
    """Add the queries of another module as one more base."""


def is_internal(error: GraphQLError) -> bool:
    """Is this about the server, and nothing that the client should read?"""
    cause = error.original_error
    return cause is not None and not isinstance(cause, GraphQLError)


def rules() -> AddValidationRules:
    if settings.GRAPHIQL:
        return AddValidationRules([QueryLimits])
    return AddValidationRules([QueryLimits, NoSchemaIntrospectionCustomRule])


schema = strawberry.Schema(
    query=Query,
    extensions=[
        lambda: MaxTokensLimiter(MAX_TOKENS),
        rules,
        lambda: MaskErrors(is_internal),
    ],
    # Suggestions tell the names that introspection does not.
    config=StrawberryConfig(disable_field_suggestions=True),
)
