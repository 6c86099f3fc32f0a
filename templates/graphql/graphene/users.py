"""Users in the API. Who may see whom is up to the selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphene
from django.contrib.auth.models import Group[= ", " ~ user if not own else "" =]
from graphene_django import DjangoObjectType

[% if own %]
from [= users =].models import [= user =]
[% endif %]
from [= selectors =] import users_visible_to

from .limits import PAGE, page_of

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo


class GroupType(DjangoObjectType):
    class Meta:
        model = Group
        name = "Group"
        fields = ("id", "name")


class UserType(DjangoObjectType):
[% if key %]
    id = graphene.ID(required=True)
[% endif %]
    [= identifier =] = graphene.String(required=True)
    groups = graphene.List(graphene.NonNull(GroupType), required=True)

    class Meta:
        model = [= user =]
        name = "User"
        fields = ("id",)
[% if key %]

    @staticmethod
    def resolve_id(user: [= user =], info: GraphQLResolveInfo) -> str:
        return str(user.pk)
[% endif %]
[% if not known %]

    @staticmethod
    def resolve_[= identifier =](user: [= user =], info: GraphQLResolveInfo) -> str:
        return user.get_username()
[% endif %]

    @staticmethod
    async def resolve_groups(user: [= user =], info: GraphQLResolveInfo) -> list[Group]:
        return await info.context.groups.load(user)


class UserQuery(graphene.ObjectType):
    me = graphene.Field(UserType, required=True)
    users = graphene.List(
        graphene.NonNull(UserType),
        required=True,
        offset=graphene.Int(required=True, default_value=0),
        limit=graphene.Int(required=True, default_value=PAGE),
    )

    @staticmethod
    def resolve_me(root: None, info: GraphQLResolveInfo) -> [= user =]:
        return info.context.user

    @staticmethod
    def resolve_users(
        root: None, info: GraphQLResolveInfo, offset: int, limit: int
    ) -> list[[= user =]]:
        return users_visible_to(info.context.user, page=page_of(offset, limit))
