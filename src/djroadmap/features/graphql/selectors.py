"""The selectors: who may see whom, and the groups of many users at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap import edits
from djroadmap.model.plan import Plan
from djroadmap.planning.settings import import_

from . import package
from .accounts import account

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

    from .accounts import Account

GROUPS = '''\
def groups_of_users(users: list[{user}]) -> list[list[Group]]:
    """The groups of each of the users, by one query for all of them."""
    groups = Group.objects.order_by("name")
    prefetch_related_objects(users, Prefetch("groups", queryset=groups))
    return [list(user.groups.all()) for user in users]
'''
VISIBLE = '''\
def users_visible_to(user: {user}, *, page: slice) -> list[{user}]:
    """Everybody for those who may view users, and nobody but themselves for others."""
    users = {user}.objects.order_by("pk")
    if not user.has_perm("{permission}"):
        users = users.filter(pk=user.pk)
    return list(users[page])
'''


class Place(NamedTuple):
    """The module of the selectors."""

    module: str
    path: RelPath


def selectors(project: Project, found: Account) -> Plan:
    """Two functions, in the module of the project's selectors if it has one."""
    path, total = place(project, found).path, Plan()
    for module, name in (
        ("django.contrib.auth.models", "Group"),
        ("django.db.models", "Prefetch"),
        ("django.db.models", "prefetch_related_objects"),
        (f"{found.module}.models", found.name),
    ):
        total += import_(project, path, module, name, create=True)
    for code in (VISIBLE, GROUPS):
        text = code.format(user=found.name, permission=found.permission)
        total += Plan((edits.Definition(path=path, code=text),))
    return total


def place(project: Project, found: Account) -> Place:
    """`selectors.py` of the app with the user model; a module of the package where that is not the project's."""
    if found.home is not None and not project.tree.has_folder(f"{found.home.path}/selectors"):
        return Place(f"{found.module}.selectors", f"{found.home.path}/selectors.py")
    dotted, folder = package(project)
    return Place(f"{dotted}.selectors", f"{folder}/selectors.py")


def names(project: Project) -> tuple[str, ...]:
    """The functions by their full names; none where the user model is not known any more."""
    found = account(project)
    if isinstance(found, str):
        return ()
    module = place(project, found).module
    return (f"{module}.users_visible_to", f"{module}.groups_of_users")
