"""The user model, as far as reading its class tells: where it is, and what of it an API may show and change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.errors import Refused
from djroadmap.model.modules import dotted_name
from djroadmap.syntax.reading import constant, dotted, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import App, Project

SHOWN = ("email", "name", "first_name", "last_name")
EDITABLE = ("name", "first_name", "last_name")
TEXT = frozenset({"CharField", "EmailField", "TextField", "SlugField", "CITextField", "CIEmailField"})
ABSTRACT = ("username", "email", "first_name", "last_name")
"""Text fields of `AbstractUser`: https://docs.djangoproject.com/en/stable/ref/contrib/auth/#fields."""


class Field(NamedTuple):
    """A text field."""

    name: str
    null: bool = False


class Users(NamedTuple):
    """What code and tests for users need to know."""

    module: str = "django.contrib.auth.base_user"
    name: str = "AbstractBaseUser"
    app: App | None = None
    """The project's own app that holds the model."""
    shown: tuple[Field, ...] = (Field("username"),)
    editable: tuple[Field, ...] = ()
    known: bool = False
    """Is the name that users sign in with a text field? If not, `username` stands for whatever it is."""
    staff: bool = False
    """Is there an `is_staff` field?"""


def users_of(project: Project) -> Users:
    """Read the class that AUTH_USER_MODEL names. What is not understood is left out of what is shown."""
    if project.auth_user is None:
        if any("AUTH_USER_MODEL" in module.names for module in project.settings.modules):
            return Users()
        return _users("django.contrib.auth.models", "User", None, dict(map(_field, ABSTRACT)), "username")
    label, _, name = project.auth_user.rpartition(".")
    app = next((app for app in project.apps.local if app.label == label), None)
    if app is None:
        return Users()
    for path, node in _classes(project, app):
        if node.name == name:
            module = dotted_name(project.tree, project.python_roots, path)
            return _read(module, node, app)
    return Users(app=app)


def _users(
    module: str, name: str, app: App | None, fields: dict[str, Field], identifier: str, *, staff: bool = True
) -> Users:
    known = identifier in fields
    first = fields[identifier] if known else Field("username")
    shown = [fields[one] for one in SHOWN if one in fields and one != identifier]
    editable = [fields[one] for one in EDITABLE if one in fields and one != identifier]
    return Users(module, name, app, (first, *shown), tuple(editable), known, staff)


def _read(module: str, node: ast.ClassDef, app: App) -> Users:
    bases = {(dotted(base) or "").rpartition(".")[2] for base in node.bases}
    fields = dict(map(_field, ABSTRACT)) if "AbstractUser" in bases else {}
    identifier, staff = "username", "AbstractUser" in bases
    for name, value in _assigned(node):
        if name == "USERNAME_FIELD":
            identifier = str(constant(value))
        elif isinstance(value, ast.Call) and (dotted(value.func) or "").rpartition(".")[2] in TEXT:
            null = any(word.arg == "null" and constant(word.value) is True for word in value.keywords)
            fields[name] = Field(name, null)
        else:
            fields.pop(name, None)
        staff = staff or name == "is_staff"
    return _users(module, node.name, app, fields, identifier, staff=staff)


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value


def _classes(project: Project, app: App) -> Iterator[tuple[RelPath, ast.ClassDef]]:
    """The classes of an app's models, `models.py` or a package."""
    below = f"{app.path}/" if app.path else ""
    for path in project.tree.files():
        if not path.startswith((f"{below}models.py", f"{below}models/")) or not path.endswith(".py"):
            continue
        try:
            body = parse(project.tree.read(path) or "").body
        except (Refused, SyntaxError):
            continue
        yield from ((path, node) for node in body if isinstance(node, ast.ClassDef))


def _field(name: str) -> tuple[str, Field]:
    return name, Field(name)
