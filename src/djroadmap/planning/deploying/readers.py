"""How settings read the environment: django-environ, environs, decouple, `os.environ`, and helpers of their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.syntax.evaluate import Frame, evaluate
from djroadmap.syntax.reading import UNKNOWN, dotted
from djroadmap.syntax.values import items_of, plain

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath

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


class Readers:
    """Knows by which names the environment is read, and what a single expression reads of it."""

    def __init__(self) -> None:
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
