"""Every place where the project sends a task: which are to wait for the commit, and why the others are not."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from djroadmap.errors import Refused
from djroadmap.regex import regex
from djroadmap.syntax.deferred import deferred
from djroadmap.syntax.reading import dotted

from . import reasons
from .arguments import changed, late
from .callers import Callers
from .context import Tree, is_atomic, obstacle
from .mocks import TESTS, Mocks
from .names import Names
from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Project
    from djroadmap.syntax.deferred import Deferred

    from .context import Around
    from .names import Target
    from .reasons import Reason

SENDS = regex(rb"\.\s*(?:delay|apply_async)\b(?!\s*=[^=])")
"""Only files with this are parsed."""
SENT = regex(r"([\w.]*(?:\.|\.\s*))(delay|apply_async)\b(?!\s*=[^=])")
ON_COMMIT = regex(r"\bon_commit\b")
NAMES = ("delay", "apply_async")
SUFFIXES = (".delay", ".apply_async")
MIGRATIONS = regex(r"(?:^|/)migrations/")
COMMANDS = regex(r"(?:^|/)management/commands/")
CONNECTIONS = frozenset({"connection", "producer", "publisher"})
AUTOCOMMIT = regex(r"\bset_autocommit\s*\(")


class Site(NamedTuple):
    """One place where something may be sent."""

    path: RelPath
    line: int
    callee: str
    """As it is written: `send.delay`."""
    deferred: Deferred | None
    reason: Reason | None
    """Why it stays as it is; None if it is to wait for the commit."""
    detail: str = ""
    """More on that: the test, say."""

    @property
    def new(self) -> str:
        """`send.delay_on_commit`."""
        return f"{self.callee}_on_commit"


def sites(project: Project) -> tuple[Site, ...]:
    """All of them, by path and line."""
    candidates = [path for path in project.tree.files() if path.endswith(".py") and _may_send(project, path)]
    if not candidates:
        return ()
    names = Names(project)
    tasks = Tasks(names)
    known = _Known(names, tasks, Mocks(names), Callers(names, tasks))
    found: list[Site] = []
    for path in candidates:
        if reason := _of_file(path):
            found += _left(names.text(path), path, reason)
        elif (module := names.module(path)) is not None:
            found += _Module(known, path, module).sites()
    return tuple(found)


def convertible(project: Project) -> tuple[Site, ...]:
    """Those that are to wait for the commit."""
    return tuple(site for site in sites(project) if site.reason is None)


def grouped(found: tuple[Site, ...]) -> Mapping[RelPath, list[Site]]:
    """By file."""
    by_file: dict[RelPath, list[Site]] = {}
    for site in found:
        by_file.setdefault(site.path, []).append(site)
    return by_file


class _Known(NamedTuple):
    """What is known of the project as a whole."""

    names: Names
    tasks: Tasks
    tests: Mocks
    callers: Callers


class _Module:
    """One module of the project that may send tasks."""

    def __init__(self, known: _Known, path: RelPath, module: ast.Module) -> None:
        self.names, self.tasks, self.tests, self.callers = known
        self.path, self.module = path, module
        self.text = self.names.text(path)
        self.tree = Tree(module)
        self.handed = set(_handed_over(self.text, self.tree)) if "on_commit" in self.text else set()

    def sites(self) -> Iterator[Site]:
        """Its places, by line."""
        statements = {id(_callee_of(one)): one for one in deferred(self.module, suffixes=SUFFIXES)}
        lines = dict.fromkeys(_line(self.text, match.start(2)) for match in SENT.finditer(self.text))
        found = {id(node): node for line in lines for node in self.tree.at(line) if _is_sending(node)}
        for node in sorted(found.values(), key=lambda node: (node.lineno, node.col_offset)):
            one = statements.get(id(node))
            reason, detail = self._reason(node, one)
            callee = dotted(node) or f"(...).{node.attr}"
            yield Site(self.path, (one.first if one else node).lineno, callee, one, reason, detail)

    def _reason(self, node: ast.Attribute, one: Deferred | None) -> tuple[Reason | None, str]:
        """Why it stays as it is, and more on that."""
        receiver, around = dotted(node.value), self.tree.around(node)
        if receiver is None:
            return reasons.SIGNATURE, ""
        target = self.names.resolve(self.path, receiver, around.scopes)
        problem = self.tasks.problem(target)
        if problem is None or target is None:
            return reasons.UNKNOWN, ""
        if problem:
            return reasons.Reason(problem), ""
        if one is None:
            return self._expression(node, around), ""
        where = self.tree.around(one.first)
        plain = one.way == "call"
        reason = self._plain(one, where, target) if plain else self._wrapped(one, where)
        if reason is None and plain and (caller := self.callers.asynchronous(where)):
            return reasons.CALLED, caller
        if reason is None and (test := self.tests.asserting(target, waits=not plain)):
            return reasons.MOCKED, test
        return reason, ""

    def _plain(self, one: Deferred, around: Around, target: Target) -> Reason | None:
        """Why a plain call may not wait for the commit."""
        celery = self.names.project.celery
        if celery is not None and self.path == celery.path:
            return reasons.OUTSIDE
        if found := obstacle(self.names, self.path, one.statement, around):
            return found
        if self._is_handed_over(around):
            return reasons.ALREADY
        if target.node in around.scopes:
            return reasons.ITSELF
        if not is_atomic(self.names, self.path, around) and (found := self._outside(around)):
            return found
        if any(keyword.arg in CONNECTIONS for keyword in one.keywords):
            return reasons.CONNECTION
        return reasons.AUTOCOMMIT if AUTOCOMMIT.search(self.text) else changed(self.names, one, around)

    def _outside(self, around: Around) -> Reason | None:
        """Why there is no transaction, where none is to be seen. Workers may not even have a database."""
        if COMMANDS.search(self.path):
            return reasons.COMMAND
        worker = self.callers.in_worker(self.path, around) or self.callers.only_workers(around)
        return reasons.WORKER if worker else None

    def _wrapped(self, one: Deferred, around: Around) -> Reason | None:
        """Why a call that waits for the commit already cannot be written shorter."""
        wrapper = one.wrapper
        assert wrapper is not None  # noqa: S101 - whatever is not a plain call has one
        needed = {"django.db.transaction.on_commit": wrapper.func}
        if one.way == "partial" and one.call is not None:
            needed["functools.partial"] = one.call.func
        functions = [scope for scope in around.scopes if not isinstance(scope, ast.Lambda)]
        for full, node in needed.items():
            name = dotted(node) or ""
            target = self.names.resolve(self.path, name, around.scopes)
            if target is None or target.path or target.name != full:
                return reasons.ALREADY
            if any(name.split(".")[0] in self.names.local(scope) for scope in functions):
                return reasons.IMPORTED
        if _has_comment(self.text, one) or one.has_long_string:
            return reasons.COMMENT
        if _is_odd(self.text, one):
            return reasons.LAYOUT
        return late(self.names, one, around) if one.way in {"lambda", "function"} else None

    def _expression(self, node: ast.Attribute, around: Around) -> Reason:
        """What is done with a call that is no statement, or with what is not even called."""
        above = around.nodes[0]
        called = isinstance(above, ast.Call) and above.func is node
        on_commit = any(isinstance(one, ast.Call) and _is_on_commit(one) for one in around.nodes)
        if on_commit or (called and self._is_handed_over(around)):
            return reasons.ALREADY
        return reasons.RESULT if called else reasons.HANDED

    def _is_handed_over(self, around: Around) -> bool:
        return any(getattr(scope, "name", "") in self.handed for scope in around.scopes)


def _may_send(project: Project, path: RelPath) -> bool:
    try:
        return SENDS.search(project.tree.raw(path) or b"") is not None
    except Refused:
        return False


def _of_file(path: RelPath) -> Reason | None:
    if TESTS.search(path):
        return reasons.TEST
    return reasons.MIGRATION if MIGRATIONS.search(path) else None


def _left(text: str, path: RelPath, reason: Reason) -> Iterator[Site]:
    """The places of a file that is left alone as a whole."""
    for match in SENT.finditer(text):
        yield Site(path, _line(text, match.start(2)), match[1] + match[2], None, reason)


def _is_sending(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr in NAMES and isinstance(node.ctx, ast.Load)


def _line(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _callee_of(one: Deferred) -> ast.expr | None:
    if one.call is None:
        return one.wrapper.args[0] if one.wrapper else None
    return one.call.args[0] if one.way == "partial" else one.call.func


def _is_on_commit(call: ast.Call) -> bool:
    return (dotted(call.func) or "").rpartition(".")[2] == "on_commit"


def _handed_over(text: str, tree: Tree) -> Iterator[str]:
    """The functions of the module that are called when a transaction commits."""
    for match in ON_COMMIT.finditer(text):
        line = _line(text, match.start())
        for node in list(tree.at(line)):
            if isinstance(node, ast.Call) and _is_on_commit(node):
                for inner in (inner for value in node.args for inner in ast.walk(value)):
                    if isinstance(inner, ast.Name | ast.Attribute) and (name := dotted(inner)):
                        yield name.rpartition(".")[2]
            elif isinstance(node, ast.FunctionDef) and any(
                (dotted(one) or "").rpartition(".")[2] == "on_commit" for one in node.decorator_list
            ):
                yield node.name


def _is_odd(text: str, one: Deferred) -> bool:
    """Could its lines not be indented otherwise and back again?"""
    lines = text.splitlines()[one.first.lineno - 1 : one.statement.end_lineno]
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return any(line and (line != line.rstrip() or not line.startswith(indent)) for line in lines[1:])


def _has_comment(text: str, one: Deferred) -> bool:
    """Is there a comment within the statement?"""
    lines = text.splitlines()[one.first.lineno - 1 : one.statement.end_lineno]
    lines[-1] = lines[-1].encode()[: one.statement.end_col_offset].decode(errors="ignore")
    code = "\n".join(lines)
    if "#" not in code:
        return False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(textwrap.dedent(code)).readline))
    except (tokenize.TokenError, SyntaxError):
        return True
    return any(token.type == tokenize.COMMENT for token in tokens)
