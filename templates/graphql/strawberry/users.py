"""Users in the API. Who may see whom is up to the selectors."""

from __future__ import annotations

import strawberry
import strawberry_django
from django.contrib.auth.models import Group[= ", " ~ user if not own else "" =]

[% if own %]
from [= users =].models import [= user =]
[% endif %]
from [= selectors =] import users_visible_to

from .limits import PAGE, page_of


@strawberry_django.type(Group, name="Group")
class GroupType:
    id: strawberry.auto
    name: strawberry.auto


@strawberry_django.type([= user =], name="User")
class UserType:
[% if key %]
    id: strawberry.ID = strawberry_django.field(field_name="pk")
[% else %]
    id: strawberry.auto
[% endif %]
[% if known %]
    [= identifier =]: strawberry.auto
[% else %]

    @strawberry_django.field
    def [= identifier =](self) -> str:
        return self.get_username()  # type: ignore[attr-defined]
[% endif %]

    @strawberry_django.field(graphql_type=list[GroupType])
    async def groups(self, info: strawberry.Info) -> list[Group]:
        return await info.context.groups.load(self)


@strawberry.type
class UserQuery:
    @strawberry_django.field(graphql_type=UserType)
    def me(self, info: strawberry.Info) -> [= user =]:
        return info.context.user

    @strawberry_django.field(graphql_type=list[UserType])
    def users(
        self, info: strawberry.Info, offset: int = 0, limit: int = PAGE
    ) -> list[[= user =]]:
        return users_visible_to(info.context.user, page=page_of(offset, limit))
