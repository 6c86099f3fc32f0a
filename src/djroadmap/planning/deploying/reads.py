"""What settings read from the environment, and which of it they cannot do without."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.errors import Problem
from djroadmap.model.modules import find_module
from djroadmap.planning.containers import text_of
from djroadmap.planning.deploying.facts import Unknown
from djroadmap.regex import regex
from djroadmap.syntax.evaluate import Frame, evaluate
from djroadmap.syntax.execute import Execution
from djroadmap.syntax.paths import relative_module
from djroadmap.syntax.reading import UNKNOWN, constant, dotted
from djroadmap.syntax.sources import Sources
from djroadmap.syntax.values import PLAIN, Either, Env, Names, items_of, options_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project, SettingsModule

URL_CALLS = {
    "db": "DATABASE_URL",
    "db_url": "DATABASE_URL",
    "dj_db_url": "DATABASE_URL",
    "cache": "CACHE_URL",
    "cache_url": "CACHE_URL",
    "email": "EMAIL_URL",
    "email_url": "EMAIL_URL",
    "search_url": "SEARCH_URL",
    "channels": "CHANNELS_URL",
    "channels_url": "CHANNELS_URL",
}
"""Methods of Env that know a name by themselves. https://django-environ.readthedocs.io/en/latest/types.html"""
OWN_METHODS = frozenset(
    {"read_env", "read_envfile", "prefixed", "seal", "dump", "get_value", "parser_for", "parser"}
)
MAKERS = ("Env", "FileAwareEnv")
CONFIGS = ("AutoConfig", "Config", "ConfigEnvironment")
HIDING = regex(r"is imported, but not in the repository|is not followed|only running it could tell")
PYDANTIC = regex(r"(?m)^class \w+\([^)]*\bBaseSettings\b")
CASTS = frozenset({"str", "int", "bool", "float", "list", "dict", "tuple", "json", "Csv", "Path"})


class Read(NamedTuple):
    """One place that reads a variable."""

    name: str
    path: RelPath
    line: int
    certain: bool
    """Is it always reached, if every other variable that may be left out is?"""
    optional: bool
    """Can it be left out there?"""
    default: str | None = None
    """What is taken without it, if that is plain."""
    database: bool = False
    """Is it read as the address of a database?"""
    goes_to: tuple[str, ...] = ()
    """The setting it decides, with the keys of dicts on the way: `("DATABASES", "default", "USER")`."""


class Known(NamedTuple):
    """What is known of the settings that production runs with."""

    module: SettingsModule | None
    chain: tuple[RelPath, ...]
    """Its file, and those that it takes names from."""
    scope: dict[str, Any]
    """What its names hold at the end."""
    reads: tuple[Read, ...]
    assigned: dict[str, tuple[ast.expr, RelPath]]
    """The value that each setting is given last, and where."""

    def plain(self, name: str) -> Any:
        """The plain value of a setting, by default; `UNKNOWN` for any other."""
        found = plain(self.scope.get(name, UNKNOWN))
        if found is not UNKNOWN or name not in self.assigned:
            return found
        names = {key: known for key, value in self.scope.items() if (known := plain(value)) is not UNKNOWN}
        folded = constant(self.assigned[name][0], names)
        return folded if isinstance(folded, PLAIN) else UNKNOWN

    def where(self, name: str) -> str:
        """`path:line` of what sets a setting last; nothing if none does."""
        if name not in self.assigned:
            return ""
        node, path = self.assigned[name]
        return f"{path}:{node.lineno}"

    def variable(self, name: str) -> str:
        """The variable that a setting is read from; nothing if it is none."""
        options = options_of(self.scope.get(name, UNKNOWN))
        return next((one.name for one in options if isinstance(one, Env)), "")


def known_of(project: Project, module: SettingsModule | None, given: frozenset[str]) -> Known:
    """What `module` and the modules that it takes over hold. `given`: variables that are set before it is read."""
    if module is None:
        return Known(None, (), {}, (), {})
    sources = Sources(project.tree)
    run = Execution(sources, project.python_roots)
    scope = run.module(module.path)
    chain = tuple(_chain(project, sources, module.path))
    walk = _Walk(project, given)
    for path in reversed(chain):
        if tree := sources.module(path):
            walk.prepare(tree)
    for path in reversed(chain):
        if tree := sources.module(path):
            walk.read(tree, Frame(run.module(path), path))
    classes = [value for value in scope.values() if isinstance(value, Names)]
    own = scope.get(project.settings.configuration)
    if isinstance(own, Names) and "INSTALLED_APPS" not in scope:
        scope = own.scope
    elif "INSTALLED_APPS" not in scope and len(classes) == 1:
        scope = classes[0].scope
    return Known(module, chain, scope, tuple(walk.found), walk.assigned)


def unclear(project: Project, known: Known) -> list[Unknown]:
    """What could hide variables: settings taken from where they cannot be read, or read by pydantic."""
    found = []
    for problem in project.settings.problems:
        where, _, why = problem.partition(": ")
        path, colon, line = where.rpartition(":")
        if colon and path in known.chain and HIDING.search(why):
            why = f"{why}, so that variables it reads are not known"
            found.append(Unknown("environment", Problem(path, int(line) if line.isdigit() else None, why)))
    for path in known.chain:
        text = text_of(project, path)
        if "BaseSettings" in text and (match := PYDANTIC.search(text)):
            why = "reads variables by fields of pydantic's BaseSettings, which are not followed"
            found.append(Unknown("environment", Problem(path, text.count("\n", 0, match.start()) + 1, why)))
    return found


def reads_of(project: Project, path: RelPath) -> tuple[Read, ...]:
    """What any other file reads. Raises nothing, whatever it holds."""
    tree = Sources(project.tree).module(path)
    walk = _Walk(project, frozenset())
    if tree is not None:
        walk.prepare(tree)
        walk.read(tree, Frame({}, path))
    return tuple(walk.found)


def _chain(project: Project, sources: Sources, start: RelPath) -> Iterator[RelPath]:
    """The settings modules that are run, the last one first, and helpers beside them that read the environment."""
    by_name = {one.module: one.path for one in project.settings.modules}
    imports = {
        one.path: [by_name[name] for name in one.imports if name in by_name]
        for one in project.settings.modules
    }
    seen: dict[RelPath, None] = {}

    def visit(path: RelPath) -> None:
        if path in seen:
            return
        seen[path] = None
        for below in imports.get(path, ()):
            visit(below)
        for below in _helpers(project, sources, path):
            visit(below)

    visit(start)
    yield from seen


def _helpers(project: Project, sources: Sources, path: RelPath) -> Iterator[RelPath]:
    tree = sources.module(path)
    for node in tree.body if tree else ():
        if not isinstance(node, ast.ImportFrom):
            continue
        names = ["", *(alias.name for alias in node.names)]
        for name in names:
            module = ".".join(part for part in (node.module or "", name) if part)
            if node.level:
                target = relative_module(sources, path, node.level, module)
            else:
                target = find_module(sources, project.python_roots, module)
            if (
                target
                and target != path
                and any(sources.holds(target, word) for word in (b"environ", b"getenv"))
            ):
                yield target


class _Walk:
    """Reads settings files from top to bottom."""

    def __init__(self, project: Project, given: frozenset[str]) -> None:
        self.project = project
        self.given = given
        self.found: list[Read] = []
        self.assigned: dict[str, tuple[ast.expr, RelPath]] = {}
        self.readers = {"env"}
        self.declared: dict[str, ast.expr] = {}
        self.configs: set[str] = set()
        self.wrappers: dict[str, tuple[bool, str | None]] = {}
        self.frame = Frame({}, "")
        self.goes_to: tuple[str, ...] = ()
        self.set: set[str] = set()
        """Variables that the settings set themselves."""

    def prepare(self, tree: ast.Module) -> None:
        """Learn by which names a file reads the environment."""
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func) as call):
                    last = (dotted(func) or "").rpartition(".")[2]
                    if last in MAKERS:
                        self.readers.add(name)
                        self.declared |= {one.arg: one.value for one in call.keywords if one.arg}
                    elif last in CONFIGS:
                        self.configs.add(name)
                case ast.ImportFrom(module="decouple" | "prettyconf", names=aliases):
                    self.configs |= {one.asname or one.name for one in aliases if one.name == "config"}
                case ast.FunctionDef(name=name, args=ast.arguments(args=[first, *rest])):
                    inner = [
                        read for one in ast.walk(node) if (read := self._inner(one, first.arg)) is not None
                    ]
                    if inner:
                        self.wrappers[name] = (all(inner), rest[0].arg if rest else None)

    def _inner(self, node: ast.AST, parameter: str) -> bool | None:
        """Is this node a read of the variable that a parameter names? True if it cannot do without."""
        match node:
            case ast.Subscript(value=value, slice=ast.Name(id=name)) if name == parameter:
                return True if (dotted(value) or "").endswith("environ") else None
            case ast.Compare(left=ast.Name(id=name), ops=[ast.In() | ast.NotIn()], comparators=[right]) if (
                name == parameter and (dotted(right) or "").endswith("environ")
            ):
                return False
            case ast.Call(func=func, args=[ast.Name(id=name), *_]) if name == parameter:
                return False if (dotted(func) or "").endswith(("environ.get", "getenv")) else None
        return None

    def read(self, tree: ast.Module, frame: Frame) -> None:
        """Read one file."""
        self.frame = frame
        self.statements(tree.body, certain=True)

    def statements(self, body: Sequence[ast.stmt], *, certain: bool) -> None:
        for node in body:
            self.statement(node, certain=certain)

    def statement(self, node: ast.stmt, *, certain: bool) -> None:
        if self._compound(node, certain=certain):
            return
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if node.name not in self.wrappers:
                    self.statements(node.body, certain=False)
            case ast.ClassDef():
                self.statements(node.body, certain=certain)
            case ast.Assign(targets=[target, *_], value=value):
                self._assigned(target, value, certain=certain)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assigned(target, value, certain=certain)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="setdefault", value=owner), args=[key, _])):
                if certain and (dotted(owner) or "").endswith("environ"):
                    self.set.add(self.text(key))
            case _:
                self._inside(node, certain=certain)

    def _compound(self, node: ast.stmt, *, certain: bool) -> bool:
        """Follow a statement that decides what is run of it; False for any other."""
        match node:
            case ast.If():
                self.expression(node.test, certain=certain)
                held = self.truth(node.test)
                self.statements(node.body, certain=certain and held is True)
                self.statements(node.orelse, certain=certain and held is False)
            case ast.Try() | ast.TryStar():
                self.statements(node.body, certain=certain and not node.handlers)
                handled = [inner for handler in node.handlers for inner in handler.body]
                self.statements([*handled, *node.orelse], certain=False)
                self.statements(node.finalbody, certain=certain)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expression(item.context_expr, certain=certain)
                self.statements(node.body, certain=certain)
            case ast.For() | ast.AsyncFor():
                self.expression(node.iter, certain=certain)
                self.statements((*node.body, *node.orelse), certain=False)
            case ast.While():
                self.expression(node.test, certain=certain)
                self.statements((*node.body, *node.orelse), certain=False)
            case ast.Match():
                self.statements([inner for case in node.cases for inner in case.body], certain=False)
            case _:
                return False
        return True

    def _assigned(self, target: ast.expr, value: ast.expr, *, certain: bool) -> None:
        keys: list[str] = []
        node = target
        while isinstance(node, ast.Subscript):
            keys.append(str(node.slice.value) if isinstance(node.slice, ast.Constant) else "")
            node = node.value
        if isinstance(target, ast.Subscript) and (dotted(target.value) or "").endswith("environ"):
            self.expression(value, certain=certain)
            if certain:
                self.set.add(self.text(target.slice))
            return
        if isinstance(node, ast.Name):
            if node is target:
                self.assigned[node.id] = (value, self.frame.path)
            self.goes_to = (node.id, *reversed(keys))
        self.expression(value, certain=certain)
        self.goes_to = ()

    def expression(self, node: ast.expr, *, certain: bool) -> None:
        if (read := self.one(node, certain=certain)) is not None:
            self.found.append(read)
            for inner in (
                [*node.args[1:], *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else []
            ):
                self.expression(inner, certain=certain)
            return
        match node:
            case ast.IfExp():
                self.expression(node.test, certain=certain)
                held = self.truth(node.test)
                self.expression(node.body, certain=certain and held is True)
                self.expression(node.orelse, certain=certain and held is False)
            case ast.BoolOp():
                for value in node.values:
                    self.expression(value, certain=certain)
                    certain = certain and self.truth(value) is isinstance(node.op, ast.And)
            case ast.Dict():
                self._dict(node, certain=certain)
            case ast.Lambda():
                self.expression(node.body, certain=False)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                self.expression(node.generators[0].iter, certain=certain)
                self._inside(node, certain=False)
            case _:
                self._inside(node, certain=certain)

    def _dict(self, node: ast.Dict, *, certain: bool) -> None:
        before = self.goes_to
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                self.expression(key, certain=certain)
            name = plain(evaluate(key, self.frame)) if key is not None else UNKNOWN
            self.goes_to = (*before, name if isinstance(name, str) else "") if before else ()
            self.expression(value, certain=certain)
        self.goes_to = before

    def _inside(self, node: ast.AST, *, certain: bool) -> None:
        """Whatever expressions a node holds."""
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.keyword):
                self.expression(inner.value, certain=certain)
            elif isinstance(inner, ast.expr):
                self.expression(inner, certain=certain)

    def one(self, node: ast.expr, *, certain: bool) -> Read | None:
        """The variable that this very node reads."""
        match node:
            case ast.Subscript(value=value, slice=ast.expr() as key, ctx=ast.Load()):
                if (dotted(value) or "").rpartition(".")[2] == "environ" and (name := self.text(key)):
                    return self._made(node, name, certain=certain, optional=False)
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[ast.expr() as right]):
                if (dotted(right) or "").rpartition(".")[2] == "environ" and (name := self.text(left)):
                    return self._made(node, name, certain=certain, optional=True)
            case ast.Call():
                return self._call(node, certain=certain)
        return None

    def _call(self, node: ast.Call, *, certain: bool) -> Read | None:
        name = dotted(node.func) or ""
        owner, _, last = name.rpartition(".")
        given = {one.arg: one.value for one in node.keywords if one.arg}
        key = self.text(node.args[0]) if node.args else ""
        second = node.args[1] if len(node.args) > 1 else None
        if name.endswith(("environ.get", "environ.pop")) or last == "getenv":
            default = given.get("default", second)
            return self._made(node, key, certain=certain, optional=True, default=default) if key else None
        if owner.endswith("dj_database_url") or (last == "config" and name == "dj_database_url.config"):
            if last != "config":
                return None
            key = key or (self.text(given["env"]) if "env" in given else "") or "DATABASE_URL"
            default = given.get("default")
            return self._made(node, key, certain=certain, optional=True, default=default, database=True)
        first = (owner or last).rpartition(".")[2]
        if first in self.readers and last not in OWN_METHODS:
            method = last if owner else ""
            key = key or (URL_CALLS.get(method, "") if not node.args else "")
            key = key or (self.text(given["var"]) if "var" in given else "")
            if not key:
                return None
            default = given.get("default")
            if default is None and second is not None and not (not method and self._is_cast(second)):
                default = second
            declared = self.declared.get(key)
            if default is None and isinstance(declared, ast.Tuple) and len(declared.elts) > 1:
                default = declared.elts[1]
            database = URL_CALLS.get(method) == "DATABASE_URL"
            return self._made(
                node, key, certain=certain, optional=default is not None, default=default, database=database
            )
        if name in self.configs and key:
            default = given.get("default", second)
            return self._made(node, key, certain=certain, optional=default is not None, default=default)
        if name in self.wrappers and key:
            needed, parameter = self.wrappers[name]
            default = second if second is not None else given.get(parameter or "", given.get("default"))
            optional = default is not None or not needed
            return self._made(node, key, certain=certain, optional=optional, default=default)
        return None

    @staticmethod
    def _is_cast(node: ast.expr) -> bool:
        """Is the second argument of `env("X", ...)` a type, and no default?"""
        return (dotted(node) or dotted(getattr(node, "func", None)) or "").rpartition(".")[
            2
        ] in CASTS or isinstance(node, ast.List | ast.Dict | ast.Lambda)

    def _made(
        self,
        node: ast.expr,
        name: str,
        *,
        certain: bool,
        optional: bool,
        default: ast.expr | None = None,
        database: bool = False,
    ) -> Read:
        return Read(
            name=name,
            path=self.frame.path,
            line=node.lineno,
            certain=certain,
            optional=optional or name in self.set,
            default=None if default is None else self.default(default),
            database=database,
            goes_to=self.goes_to,
        )

    def text(self, node: ast.expr) -> str:
        """The name of a variable, if it is plain."""
        found = plain(evaluate(node, self.frame))
        return found if isinstance(found, str) and found.isidentifier() else ""

    def default(self, node: ast.expr) -> str | None:
        """A default as it would stand in the environment."""
        value = evaluate(node, self.frame)
        if (items := items_of(value)) is not None:
            texts = [plain(item.value) for item in items.entries]
            return ",".join(map(str, texts)) if items.complete and UNKNOWN not in texts else None
        found = plain(value)
        return None if found is UNKNOWN or found is None else str(found)

    def truth(self, node: ast.expr) -> bool | None:
        """Does a condition hold, if every variable that may be left out is? None if that cannot be told."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                held = self.truth(operand)
                return None if held is None else not held
            case ast.BoolOp(op=op, values=values):
                held_by = [self.truth(value) for value in values]
                decisive = isinstance(op, ast.Or)
                if decisive in held_by:
                    return decisive
                return None if None in held_by else not decisive
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(node, left, op, right)
        read = self.one(node, certain=True)
        if read is not None:
            if read.name in self.given:
                return True if read.default is None else None
            if not read.optional:
                return None
        value = evaluate(node, self.frame)
        if read is not None and read.default is None and not isinstance(value, Env):
            return False
        return self._held(value, read)

    def _held(self, value: Any, read: Read | None) -> bool | None:
        if isinstance(value, Either):
            return None
        if isinstance(value, Env):
            if value.name in self.given:
                return None
            if value.default is UNKNOWN:
                return False if read is not None and read.optional and read.default is None else None
            return self._held(value.default, read)
        if (items := items_of(value)) is not None:
            return bool(items.entries) if items.complete else None
        found = plain(value)
        return None if found is UNKNOWN else bool(found)

    def _compared(self, node: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> bool | None:
        if isinstance(op, ast.In | ast.NotIn):
            read = self.one(node, certain=True)
            if read is None:
                return None
            return (read.name in self.given) == isinstance(op, ast.In)
        sides = [self._side(left), self._side(right)]
        if UNKNOWN in sides:
            return None
        if isinstance(op, ast.Eq | ast.Is):
            return bool(sides[0] == sides[1])
        if isinstance(op, ast.NotEq | ast.IsNot):
            return bool(sides[0] != sides[1])
        return None

    def _side(self, node: ast.expr) -> Any:
        value = evaluate(node, self.frame)
        if isinstance(value, Either) or (isinstance(value, Env) and value.name in self.given):
            return UNKNOWN
        if isinstance(value, Env) and value.default is UNKNOWN:
            read = self.one(node, certain=True)
            return None if read is not None and read.optional and read.default is None else UNKNOWN
        return plain(value)
