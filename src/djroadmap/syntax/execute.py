"""Statements of settings files followed one by one: what every name holds at the end, over all files."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from djroadmap.model.modules import find_module

from .evaluate import Frame, evaluate, function_of
from .includes import included
from .paths import relative_module
from .reading import UNKNOWN, dotted
from .sources import folder_of
from .values import Item, Items, Names, Place, concatenated, either, items_of, plain, stored, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from djroadmap.model.edit import RelPath

    from .sources import Sources

MISSING = object()
LOOPS = 50
"""A loop over more elements than this is not followed."""


class Execution:
    """Runs settings modules abstractly: star imports, `include`, both branches of every `if`.

    `roots` grows as `sys.path` does; `environ` collects what is written to `os.environ`, in order, as
    name, value and line.
    """

    def __init__(self, sources: Sources, roots: Iterable[RelPath], *, into_functions: bool = False) -> None:
        self.sources = sources
        self.roots = list(roots)
        self.environ: list[tuple[str, Any, int]] = []
        self.into_functions = into_functions
        self._scopes: dict[RelPath, dict[str, Any]] = {}
        self._including: set[RelPath] = set()

    def module(self, path: RelPath) -> dict[str, Any]:
        """What the names of the file `path` hold after it ran, or hold so far if it still runs."""
        if path not in self._scopes:
            scope = self._scopes[path] = {}
            tree = self.sources.module(path)
            try:
                self.run(tree.body if tree else (), Frame(scope, path))
            except RecursionError:
                self.sources.problems[path] = f"{path}: nested too deeply to be followed"
        return self._scopes[path]

    def run(self, body: Sequence[ast.stmt], frame: Frame) -> None:
        """Follow `body`, changing the frame's names."""
        for statement in body:
            handler = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if handler is not None:
                handler(statement, frame)

    def resolve(self, path: RelPath, level: int, name: str) -> RelPath | None:
        """The file that an import in the file `path` means, if it is the project's."""
        if level:
            return relative_module(self.sources, path, level, name)
        return find_module(self.sources, self.roots, name)

    def _importfrom(self, node: ast.ImportFrom, frame: Frame) -> None:
        target = self.resolve(frame.path, node.level, node.module or "")
        wanted = any(self._matters(alias.name, target, frame) for alias in node.names)
        found = self.module(target) if target is not None and wanted else {}
        for alias in node.names:
            if alias.name == "*":
                frame.scope.update({name: value for name, value in found.items() if not name.startswith("_")})
                continue
            name = alias.asname or alias.name
            if alias.name in found:
                frame.scope[name] = found[alias.name]
                continue
            dotted_path = ".".join(part for part in (node.module, alias.name) if part)
            submodule = self.resolve(frame.path, node.level, dotted_path)
            followed = submodule is not None and self._near(submodule, frame)
            frame.scope[name] = Names(self.module(submodule)) if submodule and followed else UNKNOWN

    def _matters(self, name: str, target: RelPath | None, frame: Frame) -> bool:
        """Is it worth reading the file `target` for `name`? Not for functions, nor for classes from elsewhere."""
        if target is None or target == frame.path or name == name.lower() != "*":
            return False
        return name == name.upper() or self._near(target, frame)

    def _near(self, target: RelPath, frame: Frame) -> bool:
        """Is `target` in the folder of the file that imports it, and not a script's import?"""
        return not self.into_functions and f"{target}/".startswith(f"{folder_of(frame.path)}/")

    def _import(self, node: ast.Import, frame: Frame) -> None:
        for alias in node.names:
            target = self.resolve(frame.path, 0, alias.name)
            if target is None or target == frame.path or not self._near(target, frame):
                continue
            value: Any = Names(self.module(target))
            if alias.asname is None:
                for part in reversed(alias.name.split(".")[1:]):
                    value = Names({part: value})
            frame.scope[alias.asname or alias.name.partition(".")[0]] = value

    def _assign(self, node: ast.Assign, frame: Frame) -> None:
        value = evaluate(node.value, frame)
        for target in node.targets:
            self._bind(target, value, frame)

    def _annassign(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self._bind(node.target, evaluate(node.value, frame), frame)

    def _augassign(self, node: ast.AugAssign, frame: Frame) -> None:
        if isinstance(node.op, ast.Add):
            self._bind(
                node.target, concatenated(evaluate(node.target, frame), evaluate(node.value, frame)), frame
            )

    def _bind(self, target: ast.expr, value: Any, frame: Frame) -> None:
        if isinstance(target, ast.Name):
            frame.scope[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target.elts, value, frame)
        elif isinstance(target, ast.Subscript):
            self._store(target, value, frame)

    def _unpack(self, targets: list[ast.expr], value: Any, frame: Frame) -> None:
        entries = (
            value.entries
            if isinstance(value, Items) and value.complete and len(value.entries) == len(targets)
            else ()
        )
        for index, target in enumerate(targets):
            if entries:
                self._bind(target, entries[index].value, frame)
            elif isinstance(target, ast.Name):  # A, B = setup(A, B): what A held is likely still in it
                before = items_of(frame.scope.get(target.id, UNKNOWN))
                frame.scope[target.id] = UNKNOWN if before is None else Items(before.entries, complete=False)

    def _store(self, target: ast.Subscript, value: Any, frame: Frame) -> None:
        if (dotted(target.value) or "").endswith("environ"):
            self._setenv(target.slice, value, target.lineno, frame)
            return
        keys: list[Any] = []
        node: ast.expr = target
        while isinstance(node, ast.Subscript):
            keys.append(UNKNOWN if isinstance(node.slice, ast.Slice) else plain(evaluate(node.slice, frame)))
            node = node.value
        if not isinstance(node, ast.Name):
            return
        before = frame.scope.get(node.id, UNKNOWN)
        if len(keys) == 1 and isinstance(target.slice, ast.Slice):
            frame.scope[node.id] = concatenated(before, value)
        elif UNKNOWN not in keys:
            frame.scope[node.id] = stored(before, tuple(reversed(keys)), value)

    def _expr(self, node: ast.Expr, frame: Frame) -> None:
        call = node.value
        if not isinstance(call, ast.Call):
            return
        name = dotted(call.func) or ""
        owner, _, method = name.rpartition(".")
        if owner.endswith("environ") and method == "setdefault" and len(call.args) == 2:
            self._setenv(call.args[0], evaluate(call.args[1], frame), call.lineno, frame)
        elif owner.endswith("sys.path") and method in {"append", "insert"}:
            self._path_added(call, frame)
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "update" and call.args:
            self._update(call.func.value, evaluate(call.args[0], frame), frame)
        elif owner and "." not in owner and method in {"append", "extend", "insert", "remove"} and call.args:
            self._method(owner, method, call, frame)
        elif name in {"include", "split_settings.tools.include", "tools.include"}:
            self._include(call, frame)

    def _include(self, call: ast.Call, frame: Frame) -> None:
        """django-split-settings runs the files in the names of the one that includes them."""
        for path in included(self.sources, frame, call):
            tree = self.sources.module(path)
            if tree is not None and path not in self._including:
                self._including.add(path)
                self.run(tree.body, Frame(frame.scope, path))
                self._including.discard(path)

    def _setenv(self, key: ast.expr, value: Any, line: int, frame: Frame) -> None:
        name = text_of(evaluate(key, frame)) or (key.id if isinstance(key, ast.Name) else "")
        name = (
            "DJANGO_SETTINGS_MODULE" if name == "ENVIRONMENT_VARIABLE" else name
        )  # django.conf's own name for it
        self.environ.append((name, value, line))

    def _path_added(self, call: ast.Call, frame: Frame) -> None:
        value = evaluate(call.args[-1], frame) if call.args else UNKNOWN
        if isinstance(value, Place) and value.path not in self.roots:
            self.roots.append(value.path)

    def _method(self, name: str, method: str, call: ast.Call, frame: Frame) -> None:
        before = items_of(frame.scope.get(name, UNKNOWN))
        value = evaluate(call.args[-1], frame)
        if method == "extend":
            frame.scope[name] = concatenated(before or UNKNOWN, value)
            return
        if before is None:
            if method == "remove":
                return
            before = Items((), complete=False)
        if method == "remove":
            frame.scope[name] = Items(
                tuple(item for item in before.entries if item.value != value), before.complete
            )
            return
        new = (Item(value, frame.path, call.lineno),)
        first = method == "insert" and plain(evaluate(call.args[0], frame)) == 0
        frame.scope[name] = Items(new + before.entries if first else before.entries + new, before.complete)

    def _update(self, target: ast.expr, value: Any, frame: Frame) -> None:
        """`DATABASES["default"].update(...)`: a dict is merged, anything else may take the place of what was there."""
        before = evaluate(target, frame)
        if isinstance(before, dict) and value is not UNKNOWN:
            self._bind(
                target, {**before, **value} if isinstance(value, dict) else either(before, value), frame
            )

    def _branches(self, bodies: list[list[ast.stmt]], frame: Frame) -> None:
        """Follow each of `bodies` from the same start, and keep what any of them leaves behind."""
        before, after = dict(frame.scope), []
        for body in bodies:
            inner = Frame(dict(before), frame.path)
            self.run(body, inner)
            after.append(inner.scope)
        changed = {
            name: None
            for scope in after
            for name, value in scope.items()
            if before.get(name, MISSING) is not value
        }
        for name in changed:
            held = [scope[name] for scope in after if name in scope]
            value = held[0]
            for other in held[1:]:
                value = either(value, other)
            frame.scope[name] = value

    def _if(self, node: ast.If, frame: Frame) -> None:
        """Without an `else`, what was there before goes first: it is what holds unless something is special."""
        self._branches([node.body, node.orelse] if node.orelse else [[], node.body], frame)

    def _try(self, node: ast.Try | ast.TryStar, frame: Frame) -> None:
        """Either the body or a handler counts: a machine's own overrides do not replace what everybody has."""
        handled = [one.body for one in node.handlers if not isinstance(one.body[-1], ast.Raise)]
        self._branches([*handled, [*node.body, *node.orelse]], frame)
        self.run(node.finalbody, frame)

    _trystar = _try

    def _with(self, node: ast.With | ast.AsyncWith | ast.While, frame: Frame) -> None:
        self.run(node.body, frame)

    _asyncwith = _while = _with

    def _match(self, node: ast.Match, frame: Frame) -> None:
        self._branches([[], *(case.body for case in node.cases)], frame)

    def _for(self, node: ast.For | ast.AsyncFor, frame: Frame) -> None:
        known = items_of(evaluate(node.iter, frame))
        entries = known.entries[:LOOPS] if known else ()
        if not entries:
            self._branches([[], node.body], frame)
        for item in entries:
            self._bind(node.target, item.value, frame)
            self._branches([[], node.body], frame)

    _asyncfor = _for

    def _functiondef(self, node: ast.FunctionDef, frame: Frame) -> None:
        if not node.decorator_list:
            frame.scope[node.name] = function_of(node, frame)
        if self.into_functions:
            self.run(node.body, Frame(frame.scope, frame.path))

    def _classdef(self, node: ast.ClassDef, frame: Frame) -> None:
        """A class is kept as its names, those of its bases included (django-configurations)."""
        names: dict[str, Any] = {}
        for base in reversed(node.bases):
            inherited = evaluate(base, frame)
            names.update(inherited.scope if isinstance(inherited, Names) else {})
        inner = Frame({**frame.scope, **names}, frame.path)
        before = dict(inner.scope)
        self.run(node.body, inner)
        changed = {
            name: value
            for name, value in inner.scope.items()
            if name not in before or before[name] is not value
        }
        frame.scope[node.name] = Names({**names, **changed})
