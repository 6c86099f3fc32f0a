"""A small abstract evaluation of Python expressions: enough for lists of apps, paths and database settings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .outside import from_environment
from .places import above, below, path_call
from .reading import UNKNOWN, constant, dotted
from .values import (
    PLAIN,
    Either,
    Env,
    Function,
    Item,
    Items,
    Names,
    Place,
    concatenated,
    either,
    items_of,
    joined,
    options_of,
    plain,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from djroadmap.model.edit import RelPath

SAME_ITEMS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed", "dict.fromkeys"})


class Frame:
    """The names known at a point of a file."""

    __slots__ = ("path", "scope")

    def __init__(self, scope: dict[str, Any], path: RelPath) -> None:
        self.scope = scope
        self.path = path


def evaluate(node: ast.expr, frame: Frame) -> Any:
    """What `node` is known to be (`values`), or `UNKNOWN`. Never raises."""
    visit = VISITS.get(type(node))
    return UNKNOWN if visit is None else visit(node, frame)


def _constant(node: ast.Constant, _: Frame) -> Any:
    return node.value


def _name(node: ast.Name, frame: Frame) -> Any:
    if node.id == "__file__":
        return Place(frame.path)
    return frame.scope.get(node.id, UNKNOWN)


def _sequence(node: ast.List | ast.Tuple | ast.Set, frame: Frame) -> Items:
    entries: list[Item] = []
    complete = True
    for element in node.elts:
        if isinstance(element, ast.Starred):
            known = items_of(evaluate(element.value, frame))
            complete = complete and known is not None and known.complete
            entries.extend(known.entries if known else ())
        else:
            entries.append(Item(evaluate(element, frame), frame.path, element.lineno))
    return Items(tuple(entries), complete=complete)


def _dict(node: ast.Dict, frame: Frame) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            found.update(_parsed(evaluate(value, frame)))
        else:
            known = plain(evaluate(key, frame))
            if known is not UNKNOWN:
                found[known] = evaluate(value, frame)
    return found


def _parsed(value: Any) -> dict[Any, Any]:
    """A dict, or what the environment decides: `{**dj_database_url.config(), "CONN_MAX_AGE": 60}`."""
    return {"ENGINE": value} if isinstance(value, Env) else value if isinstance(value, dict) else {}


def _binary(node: ast.BinOp, frame: Frame) -> Any:
    if isinstance(node.op, ast.Mod):
        return _folded(node, frame)
    left, right = evaluate(node.left, frame), evaluate(node.right, frame)
    if isinstance(node.op, ast.Add):
        return concatenated(left, right)
    if isinstance(node.op, ast.Div) and isinstance(left, Place) and isinstance(right, str):
        return below(left, right)
    if isinstance(node.op, ast.Sub) and isinstance(left, Place) and isinstance(right, int):
        return above(left, right)  # environ.Path(__file__) - 3
    if isinstance(node.op, ast.BitOr) and isinstance(left, dict | Env) and isinstance(right, dict):
        return {**_parsed(left), **right}
    return UNKNOWN


def _folded(node: ast.expr, frame: Frame) -> Any:
    """A string put together by `%` or `.format`; each alternative of the first name that has some."""
    used = dict.fromkeys(name.id for name in ast.walk(node) if isinstance(name, ast.Name))
    values = {name: value for name in used if plain(value := frame.scope.get(name, UNKNOWN)) is not UNKNOWN}
    names = {name: plain(value) for name, value in values.items()}
    found: Any = UNKNOWN
    for name in [name for name, value in values.items() if isinstance(value, Either)][:1]:
        for option in options_of(values[name]):
            found = either(found, _constant_of(node, {**names, name: plain(option)}))
    found = _constant_of(node, names) if found is UNKNOWN else found
    outside = next((value for value in values.values() if isinstance(value, Env)), None)
    return found if outside is None or found is UNKNOWN else Env(outside.name, found)


def _constant_of(node: ast.expr, names: dict[str, Any]) -> Any:
    found = constant(node, names)
    return found if isinstance(found, PLAIN) else UNKNOWN


def _joined(node: ast.JoinedStr, frame: Frame) -> Any:
    return joined(
        [
            evaluate(part.value if isinstance(part, ast.FormattedValue) else part, frame)
            for part in node.values
        ]
    )


def _choice(node: ast.IfExp, frame: Frame) -> Any:
    return either(evaluate(node.body, frame), evaluate(node.orelse, frame))


def _or(node: ast.BoolOp, frame: Frame) -> Any:
    found: Any = UNKNOWN
    for value in node.values:
        found = either(found, evaluate(value, frame))
    return found


def _attribute(node: ast.Attribute, frame: Frame) -> Any:
    owner = evaluate(node.value, frame)
    if isinstance(owner, Names):
        return owner.scope.get(node.attr, UNKNOWN)
    if isinstance(owner, Place):
        return above(owner, 1) if node.attr == "parent" else owner if node.attr == "root" else UNKNOWN
    return UNKNOWN


def _subscript(node: ast.Subscript, frame: Frame) -> Any:
    name = dotted(node.value) or ""
    key = None if isinstance(node.slice, ast.Slice) else plain(evaluate(node.slice, frame))
    if name.endswith("environ"):
        return Env(str(key))
    if name.endswith(".parents") and isinstance(node.value, ast.Attribute) and isinstance(key, int):
        place = evaluate(node.value.value, frame)
        return above(place, key + 1) if isinstance(place, Place) else UNKNOWN
    owner = evaluate(node.value, frame)
    if isinstance(node.slice, ast.Slice):
        known = items_of(owner)
        return UNKNOWN if known is None else Items(known.entries, complete=False)
    found: Any = UNKNOWN
    for option in options_of(owner):
        if isinstance(option, dict):
            found = either(found, option.get(key, UNKNOWN))
        elif (
            isinstance(option, Items)
            and isinstance(key, int)
            and -len(option.entries) <= key < len(option.entries)
        ):
            found = either(found, option.entries[key].value)
    return found


def _comprehension(node: ast.ListComp | ast.GeneratorExp | ast.SetComp, frame: Frame) -> Any:
    generator = node.generators[0]
    known = items_of(evaluate(generator.iter, frame))
    if known is None or len(node.generators) > 1 or not isinstance(generator.target, ast.Name):
        return UNKNOWN
    entries = []
    for item in known.entries:
        inner = Frame({**frame.scope, generator.target.id: item.value}, frame.path)
        value = evaluate(node.elt, inner)
        kept = isinstance(node.elt, ast.Name) and node.elt.id == generator.target.id
        entries.append(item if kept else Item(value, frame.path, node.lineno))
    return Items(tuple(entries), complete=known.complete and not generator.ifs)


def _call(node: ast.Call, frame: Frame) -> Any:
    name = dotted(node.func) or ""
    last = name.rpartition(".")[2] or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    if last == "format":
        return _folded(node, frame)
    if last == "dict" and name == "dict":
        pairs = {keyword.arg: evaluate(keyword.value, frame) for keyword in node.keywords if keyword.arg}
        first = evaluate(node.args[0], frame) if node.args else {}
        return {**_parsed(first), **pairs}
    arguments = _arguments(node, frame)
    owner = (
        evaluate(node.func.value, frame)
        if isinstance(node.func, ast.Attribute)
        else evaluate(node.func, frame)
    )
    if (found := path_call(last, owner, arguments)) is not UNKNOWN:
        return found
    given = {keyword.arg: evaluate(keyword.value, frame) for keyword in node.keywords if keyword.arg}
    if isinstance(owner, Function) and isinstance(node.func, ast.Name):
        return _called(owner, arguments, given)
    if (found := from_environment(name, arguments, given)) is not UNKNOWN:
        return found
    if name in SAME_ITEMS and arguments:
        return arguments[0]
    if last in {"copy", "deepcopy"}:
        return arguments[0] if arguments else owner
    if last == "split":
        return _split(owner, arguments, frame.path, node.lineno)
    lists = [known for argument in arguments if (known := items_of(argument)) is not None]
    if lists:  # some function of lists: it may drop or add, but most give them back
        return Items(tuple(item for known in lists for item in known.entries), complete=False)
    return UNKNOWN


def _arguments(node: ast.Call, frame: Frame) -> list[Any]:
    """The positional arguments, unpacked as far as is known."""
    found: list[Any] = []
    for argument in node.args:
        value = evaluate(argument.value if isinstance(argument, ast.Starred) else argument, frame)
        if isinstance(argument, ast.Starred) and isinstance(value, Items) and value.complete:
            found += [item.value for item in value.entries]
        else:
            found.append(value)
    return found


def _lambda(node: ast.Lambda, frame: Frame) -> Function:
    return Function("", node.args, node.body, frame)


def function_of(node: ast.FunctionDef, frame: Frame) -> Any:
    """A function that only returns an expression, its docstring aside; any other is `UNKNOWN`."""
    match node.body:
        case [ast.Return(value=ast.expr() as result)]:
            return Function(node.name, node.args, result, frame)
        case [ast.Expr(value=ast.Constant()), ast.Return(value=ast.expr() as result)]:
            return Function(node.name, node.args, result, frame)
    return UNKNOWN


def _called(function: Function, arguments: list[Any], given: dict[str, Any]) -> Any:
    """What the function returns for these arguments. It knows the names where it is defined, but not itself."""
    frame = function.frame
    names = [argument.arg for argument in (*function.arguments.posonlyargs, *function.arguments.args)]
    scope = {**frame.scope, function.name: UNKNOWN, **dict.fromkeys(names, UNKNOWN)}
    scope.update(zip(names, arguments, strict=False))
    scope.update(given)
    if function.arguments.vararg:
        rest = tuple(Item(value, frame.path, 0) for value in arguments[len(names) :])
        scope[function.arguments.vararg.arg] = Items(rest)
    return evaluate(function.result, Frame(scope, frame.path))


def _split(owner: Any, arguments: list[Any], path: RelPath, line: int) -> Any:
    text = text_of(owner)
    if text is None:
        return UNKNOWN
    separator = arguments[0] if arguments and isinstance(arguments[0], str) and arguments[0] else None
    entries = tuple(Item(part.strip(), path, line) for part in text.split(separator) if part.strip())
    return Items(entries, complete=isinstance(owner, str))


VISITS: dict[type, Callable[[Any, Frame], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.JoinedStr: _joined,
    ast.IfExp: _choice,
    ast.BoolOp: _or,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.Call: _call,
    ast.Lambda: _lambda,
}
