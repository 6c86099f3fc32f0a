"""The GraphQL schema: each module of this package adds its queries to `Query`.

Write it down again after a change, so that reviewers and clients see it:
python manage.py graphql_schema
"""

from __future__ import annotations

import graphene

from .users import UserQuery


# Add the queries of another module as one more base.
class Query(UserQuery, graphene.ObjectType):
    pass


schema = graphene.Schema(query=Query)
