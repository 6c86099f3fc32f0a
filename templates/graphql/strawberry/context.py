"""What resolvers get besides their arguments: who asks, and loaders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asgiref.sync import sync_to_async
from strawberry.dataloader import DataLoader
from strawberry.django.context import StrawberryDjangoContext

from [= selectors =] import groups_of_users

if TYPE_CHECKING:
    from django.contrib.auth.models import Group[= ", " ~ user if not own else "" =]
[% if own %]

    from [= users =].models import [= user =]
[% endif %]


def groups_loader() -> DataLoader[[= user =], list[Group]]:
    return DataLoader(load_fn=sync_to_async(groups_of_users))


@dataclass
class Context(StrawberryDjangoContext):
    """In resolvers: `info.context`.

    A loader answers all users of a response with one query, however many they are.
    """

    user: [= user =]
    groups: DataLoader[[= user =], list[Group]] = field(default_factory=groups_loader)
