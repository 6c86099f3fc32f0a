"""What a name of the project's code stands for, over all its modules, without importing any of them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal, NamedTuple

from djroadmap.errors import Refused
from djroadmap.model.modules import find_module, module_file
from djroadmap.syntax.reading import dotted, parse, statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.ClassDef | ast.Lambda
OWN_NAMES = ast.stmt | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
"""What has names of its own, or is looked into by itself."""
DEEP = 12
"""How many modules a name is followed through."""
FOREIGN = frozenset({"celery", "django", "functools"})
"""Never the project's own, though it may have a module of that name on the path: `shop/celery.py`."""


class Binding(NamedTuple):
    """One way in which a name gets its value."""

    kind: Literal["import", "def", "class", "value", "other"]
    module: str = ""
    """What is imported, or imported from, with its leading dots."""
    name: str = ""
    """What is imported from there; nothing for `import module`."""
    node: ast.AST | None = None


class Target(NamedTuple):
    """What a dotted name stands for: something that a module of the project defines, or something of other people."""

    path: RelPath
    """The module; nothing for what is not the project's."""
    name: str
    """The name in that module, or the whole dotted path of what is not the project's."""
    node: ast.AST | None = None
    """What defines it: a function, or the value that is assigned."""


class Names:
    """The project's modules, read when they are asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._modules: dict[RelPath, ast.Module | None] = {}
        self._bindings: dict[RelPath, Mapping[str, Sequence[Binding]]] = {}
        self._locals: dict[int, Mapping[str, Sequence[Binding]]] = {}
        self._files: dict[str, RelPath | None] = {}

    def module(self, path: RelPath) -> ast.Module | None:
        """The tree of a module; None if it cannot be read."""
        if path not in self._modules:
            try:
                self._modules[path] = parse(self.text(path))
            except SyntaxError:
                self._modules[path] = None
        return self._modules[path]

    def text(self, path: RelPath) -> str:
        """What a module says; nothing if it cannot be read."""
        try:
            return self.project.tree.read(path) or ""
        except Refused:
            return ""

    def says(self, path: RelPath, word: str) -> bool:
        """Is the word anywhere in the module? Walking a tree costs much more."""
        return word in self.text(path)

    def resolve(self, path: RelPath, name: str, scopes: Sequence[Scope] = ()) -> Target | None:
        """What `name` (`tasks.send`) means in the module `path`, seen from within `scopes` (the outermost first).

        None if that is not sure: a parameter, or a name that has several values.
        """
        root, _, rest = name.partition(".")
        for number, scope in enumerate(reversed(scopes)):
            if isinstance(scope, ast.ClassDef) and number:
                continue  # functions do not see the names of the class around them
            if isinstance(scope, ast.Lambda):
                if root in parameters(scope.args):
                    return None
                continue
            found = self.local(scope).get(root)
            if found is not None:
                return self._follow(path, found, rest, DEEP)
        return self._in_module(path, root, rest, DEEP)

    def absolute(self, name: str) -> Target | None:
        """What the dotted path of a module and a name in it stands for: `shop.views.send`."""
        root, _, rest = name.partition(".")
        return self._imported("", Binding("import", root), rest, DEEP)

    def local(self, scope: Function | ast.ClassDef) -> Mapping[str, Sequence[Binding]]:
        """The names that a function or class binds by itself."""
        if id(scope) not in self._locals:
            found: dict[str, list[Binding]] = {}
            if not isinstance(scope, ast.ClassDef):
                for name in parameters(scope.args):
                    found.setdefault(name, []).append(Binding("other"))
            for name, binding in _bound(scope.body):
                found.setdefault(name, []).append(binding)
            self._locals[id(scope)] = found
        return self._locals[id(scope)]

    def bindings(self, path: RelPath) -> Mapping[str, Sequence[Binding]]:
        """The names that a module binds."""
        if path not in self._bindings:
            found: dict[str, list[Binding]] = {}
            tree = self.module(path)
            for name, binding in _bound(tree.body) if tree else ():
                found.setdefault(name, []).append(binding)
            for node in ast.walk(tree) if tree and self.says(path, "global ") else ():
                for name in node.names if isinstance(node, ast.Global) else ():
                    found.setdefault(name, []).append(Binding("other"))
            self._bindings[path] = found
        return self._bindings[path]

    def _in_module(self, path: RelPath, root: str, rest: str, depth: int) -> Target | None:
        found = self.bindings(path).get(root)
        return self._follow(path, found, rest, depth, root) if found else None

    def _follow(
        self, path: RelPath, found: Sequence[Binding], rest: str, depth: int, name: str = ""
    ) -> Target | None:
        """What the bindings of a name stand for, if they all are the same."""
        if not depth or any((one.kind, one.module, one.name) != found[0][:3] for one in found):
            return None
        first = found[0]
        if first.kind == "import":
            return self._imported(path, first, rest, depth)
        if len(found) > 1 or rest or not name:
            return None
        if first.kind == "value" and (alias := dotted(first.node)):
            root, _, rest = alias.partition(".")
            return self._in_module(path, root, rest, depth - 1) if root != name else None
        return Target(path, name, first.node) if first.kind in {"def", "class", "value"} else None

    def _imported(self, path: RelPath, binding: Binding, rest: str, depth: int) -> Target | None:
        """`import a.b`, or `from a import b`, and what comes behind it."""
        chain = [part for part in (binding.name, *rest.split(".")) if part]
        origin, dots = binding.module.lstrip("."), len(binding.module) - len(binding.module.lstrip("."))
        if not dots and origin.partition(".")[0] in FOREIGN:
            return Target("", ".".join([origin, *chain]))
        parts = [*filter(None, origin.split(".")), *chain]
        # The longest part of it that is a module; what is left is a name in there.
        for length in range(len(parts), 0, -1):
            file = self._file(path, dots, ".".join(parts[:length]))
            if file is not None:
                left = parts[length:]
                if file == path and binding.name in left[:1]:
                    return None  # a package that imports a name from itself
                return self._in_module(file, left[0], ".".join(left[1:]), depth - 1) if left else None
        if dots:
            package = self._file(path, dots, "")
            return (
                self._in_module(package, parts[0], ".".join(parts[1:]), depth - 1)
                if package and parts
                else None
            )
        return Target("", ".".join(parts))

    def _file(self, path: RelPath, dots: int, module: str) -> RelPath | None:
        folder = path
        for _ in range(dots):
            folder = folder.rpartition("/")[0]
        key = f"{folder if dots else ''}:{dots}:{module}"
        if key not in self._files:
            self._files[key] = self._look(folder, dots, module)
        return self._files[key]

    def _look(self, folder: RelPath, dots: int, module: str) -> RelPath | None:
        tree = self.project.tree
        if not dots:
            return find_module(tree, self.project.python_roots, module)
        if not module:
            init = f"{folder}/__init__.py".removeprefix("/")
            return init if tree.exists(init) else None
        return module_file(tree, folder, module)


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters."""
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    return [one.arg for one in every if one is not None]


def _bound(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Binding]]:
    """Each name that the statements bind, without those inside functions and classes."""
    for statement, _ in statements(body):
        match statement:
            case ast.Import(names=aliases):
                for alias in aliases:
                    module = alias.name if alias.asname else alias.name.partition(".")[0]
                    yield alias.asname or module, Binding("import", module)
            case ast.ImportFrom(names=aliases):
                module = "." * statement.level + (statement.module or "")
                for alias in aliases:
                    yield alias.asname or alias.name, Binding("import", module, alias.name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, Binding("def", node=statement)
            case ast.ClassDef(name=name):
                yield name, Binding("class", node=statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, Binding("value", node=value)
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                yield name, Binding("value", node=value)
            case _:
                yield from _stored(statement)


def _stored(node: ast.AST) -> Iterator[tuple[str, Binding]]:
    """Names that a part of a statement binds; those of the statements in it come by themselves."""
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Name):
            if isinstance(one.ctx, ast.Store | ast.Del):
                yield one.id, Binding("other")
        elif isinstance(one, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and one.name:
            yield one.name, Binding("other")
        waiting.extend(child for child in ast.iter_child_nodes(one) if not isinstance(child, OWN_NAMES))
