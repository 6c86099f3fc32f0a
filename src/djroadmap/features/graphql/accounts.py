"""The user model, as far as files tell: where it is, what names a user, and whether users have groups."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import App, Project

DJANGO = "django.contrib.auth"
WITH_GROUPS = ("AbstractUser", "PermissionsMixin")
TEXT_FIELDS = ("CharField", "EmailField")
NAMES = ("username", "email")


class Account(NamedTuple):
    """The user model."""

    module: str
    """The app, to import `models` from."""
    name: str
    """The class."""
    label: str
    """The label of the app."""
    identifier: str
    """The field that names a user; `username` if it is another one than that or `email`."""
    plain: bool = True
    """Is that a field with a text that is always there?"""
    key: bool = False
    """Is the primary key called otherwise than `id`?"""
    home: App | None = None
    """The app, if it is one of this project."""

    @property
    def permission(self) -> str:
        """What it takes to see other users: `users.view_user`."""
        return f"{self.label}.view_{self.name.lower()}"


def account(project: Project) -> Account | str:
    """The user model, or the reason why it is not known well enough."""
    label, _, name = (project.auth_user or "auth.User").rpartition(".")
    if label == "auth":
        return Account(module=DJANGO, name="User", label=label, identifier="username")
    home = next((app for app in project.apps.local if app.label == label), None)
    if home is None:
        return f"the user model {project.auth_user} is not in an app of this project"
    classes = {node.name: (path, node) for path, node in _classes(project, home)}
    found = next((one for one in classes if one.lower() == name.lower()), None)
    if found is None:
        return f"the user model {project.auth_user} is not found in {home.path}"
    path, node = classes[found]
    lineage = list(_lineage(found, {one: known for one, (_, known) in classes.items()}))
    if not _has_groups(lineage):
        why = f"{path}:{node.lineno}: {found} has no groups, as far as the file tells, and they are what is shown"
        return f"{why} of users (AbstractUser and PermissionsMixin have them)"
    return _described(home, found, lineage)


def _described(home: App, name: str, lineage: list[ast.ClassDef]) -> Account:
    field = _text(_value(lineage, "USERNAME_FIELD"))
    if field is None and "AbstractUser" in _bases(lineage):
        field = "username"
    declared = _value(lineage, field or "")
    known = field in NAMES and (declared is None or _is_plain(declared))
    return Account(
        module=home.name,
        name=name,
        label=home.label,
        identifier=field if known and field else "username",
        plain=known,
        key=any(_is_key(node) for one in lineage for node in one.body),
        home=home,
    )


def _classes(project: Project, app: App) -> Iterator[tuple[RelPath, ast.ClassDef]]:
    for path in project.tree.files():
        if path != f"{app.path}/models.py" and not path.startswith(f"{app.path}/models/"):
            continue
        if not path.endswith(".py"):
            continue
        try:
            module = parse(project.tree.read(path) or "")
        except (Refused, SyntaxError):
            continue
        for node in module.body:
            if isinstance(node, ast.ClassDef):
                yield path, node


def _lineage(name: str, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """A class and those of its bases that the same app has, the class first."""
    waiting, seen = [name], set[str]()
    while waiting:
        one = waiting.pop(0)
        if one in classes and one not in seen:
            seen.add(one)
            yield classes[one]
            waiting += [_last(base) for base in classes[one].bases]


def _bases(lineage: list[ast.ClassDef]) -> set[str]:
    return {_last(base) for node in lineage for base in node.bases}


def _has_groups(lineage: list[ast.ClassDef]) -> bool:
    own = _value(lineage, "groups")
    if own is not None:
        return isinstance(own, ast.Call) and _last(own.func) == "ManyToManyField"
    return not _bases(lineage).isdisjoint(WITH_GROUPS)


def _value(lineage: list[ast.ClassDef], name: str) -> ast.expr | None:
    """What the nearest class sets the name to."""
    for node in lineage:
        for statement in node.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    return value
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                    return value
    return None


def _is_plain(field: ast.expr) -> bool:
    """A field with a text that is always there."""
    if not isinstance(field, ast.Call) or _last(field.func) not in TEXT_FIELDS:
        return False
    return {word.arg for word in field.keywords}.isdisjoint({"null", "choices", None})


def _is_key(statement: ast.stmt) -> bool:
    """Is this a primary key called otherwise than `id`?"""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(keywords=words)):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(keywords=words)):
            pass
        case _:
            return False
    return name != "id" and any(word.arg == "primary_key" for word in words)


def _text(value: ast.expr | None) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _last(node: ast.expr) -> str:
    """The last part of a dotted name; of a subscript, of what is subscripted."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
