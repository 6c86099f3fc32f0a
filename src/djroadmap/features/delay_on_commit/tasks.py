"""Which functions are Celery tasks that can be sent on commit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from djroadmap.errors import Refused
from djroadmap.model.modules import dotted_name
from djroadmap.regex import regex
from djroadmap.syntax.reading import dotted

from .names import Names, Target

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

SHARED = frozenset({"celery.shared_task", "celery.app.shared_task"})
CURRENT = frozenset({"celery.current_app", "celery.app.current_app"})
OWN_CLASS = regex(r"\btask_cls\b|\.Task\s*=(?!=)|\bset_default\b")
MADE = regex(r"(?m)^\w[\w.]*\s*(?::[^=\n]+)?=\s*\w*Celery\w*\(")
BASED = regex(rb"task\b[^@]*?\bbase\s*=")
OWN_BASE = "the task has a base class of its own"
VARIABLE = "DJANGO_SETTINGS_MODULE"


def problem_of_app(project: Project, path: RelPath) -> str:
    """Why tasks of the application in this module cannot be sent on commit, if so.

    The methods are those of `DjangoTask`, which tasks are if nothing else was chosen, and if the settings are known
    when the application is made: https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html#trigger-tasks-at-the-end-of-the-database-transaction
    """
    text = project.tree.read(path) or ""
    if OWN_CLASS.search(text):
        return f"{path} chooses a class of its own for tasks"
    made = MADE.search(text)
    if made and VARIABLE in text and text.index(VARIABLE) > made.start():
        return f"{path} makes the Celery application before it names Django's settings"
    return ""


def with_bases(project: Project) -> list[str]:
    """The tasks that have a base class of their own, by module and function."""
    names = Names(project)
    tasks, found = Tasks(names), []
    for path in project.tree.files():
        try:
            if not path.endswith(".py") or not BASED.search(project.tree.raw(path) or b""):
                continue
        except Refused:
            continue
        module, dotted_path = names.module(path), dotted_name(project.tree, project.python_roots, path)
        found += [
            f"{dotted_path}.{node.name}"
            for node in (module.body if module else ())
            if isinstance(node, ast.FunctionDef) and tasks.problem(Target(path, node.name, node)) == OWN_BASE
        ]
    return sorted(found)


class Tasks:
    """The tasks of a project, looked up by what a name stands for."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[tuple[RelPath, str], str | None] = {}

    def problem(self, target: Target | None) -> str | None:
        """Nothing for a task that can be sent on commit, the reason for one that cannot; None for what is no task."""
        if target is None or not target.path or not isinstance(target.node, ast.FunctionDef):
            return None
        key = (target.path, target.name)
        if key not in self._known:
            self._known[key] = self._problem(target.path, target.node)
        return self._known[key]

    def _problem(self, path: RelPath, function: ast.FunctionDef) -> str | None:
        if not function.decorator_list:
            return None
        # Only the outermost decorator says what the name stands for.
        decorator = function.decorator_list[0]
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        app = self._app(path, dotted(called) or "")
        if app is None:
            return None
        if isinstance(decorator, ast.Call):
            if any(keyword.arg == "base" for keyword in decorator.keywords):
                return OWN_BASE
            if decorator.args or not all(
                keyword.arg or self._has_no_base(path, keyword.value) for keyword in decorator.keywords
            ):
                return "how the task is made cannot be read"
        return problem_of_app(self.names.project, app) if app else ""

    def _has_no_base(self, path: RelPath, options: ast.expr) -> bool:
        """Are these options (`**OPTIONS`) a display of the module without a `base`?"""
        if isinstance(options, ast.Name):
            target = self.names.resolve(path, options.id)
            return (
                target is not None
                and isinstance(target.node, ast.Dict)
                and self._has_no_base(path, target.node)
            )
        if not isinstance(options, ast.Dict):
            return False
        return all(
            self._has_no_base(path, value)
            if key is None
            else isinstance(key, ast.Constant) and key.value != "base"
            for key, value in zip(options.keys, options.values, strict=True)
        )

    def is_class(self, path: RelPath, node: ast.ClassDef, depth: int = 5) -> bool:
        """Is it a class of tasks, as `celery.Task` is?"""
        for base in node.bases:
            target = self.names.resolve(path, dotted(base) or "")
            if target is None or not depth:
                continue
            if not target.path and target.name in {"celery.Task", "celery.app.task.Task"}:
                return True
            if isinstance(target.node, ast.ClassDef) and self.is_class(target.path, target.node, depth - 1):
                return True
        return False

    def _app(self, path: RelPath, decorator: str) -> RelPath | None:
        """The module of the application whose task is made; None if it is not a decorator of Celery's."""
        celery = self.names.project.celery
        own = celery.path if celery else ""
        target = self.names.resolve(path, decorator)
        if target is not None and not target.path and target.name in SHARED:
            return own
        base, _, last = decorator.rpartition(".")
        if last != "task" or not base:
            return None
        if path == own and celery is not None and base == celery.name:
            return own
        target = self.names.resolve(path, base)
        if target is None:
            return None
        if not target.path:
            return own if target.name in CURRENT else None
        if celery is not None and (target.path, target.name) == (own, celery.name):
            return own
        made = isinstance(target.node, ast.Call) and self._is_celery(target.path, target.node)
        return target.path if made else None

    def _is_celery(self, path: RelPath, call: ast.Call) -> bool:
        made = self.names.resolve(path, dotted(call.func) or "")
        return made is not None and made.name in {
            "celery.Celery",
            "celery.app.Celery",
            "celery.app.base.Celery",
        }
