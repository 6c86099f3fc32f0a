"""What resolvers get besides their arguments: who asks, and loaders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from graphene.utils.dataloader import DataLoader

from [= selectors =] import groups_of_users

if TYPE_CHECKING:
    from django.contrib.auth.models import Group[= ", " ~ user if not own else "" =]
    from django.http import HttpRequest
[% if own %]

    from [= users =].models import [= user =]
[% endif %]


class GroupsLoader(DataLoader):
    async def batch_load_fn(self, users: list[[= user =]]) -> list[list[Group]]:
        return await sync_to_async(groups_of_users)(users)


@dataclass
class Context:
    """In resolvers: `info.context`.

    A loader answers all users of a response with one query, however many they are.
    Resolvers that use one are async, and so is the rest of the response below them:
    what is needed there comes from loaders, too.
    """

    request: HttpRequest
    user: [= user =]
    groups: GroupsLoader = field(default_factory=GroupsLoader)
