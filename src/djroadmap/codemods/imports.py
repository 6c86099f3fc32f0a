"""Imports put where isort would have them, and taken out again."""

from __future__ import annotations

import ast
from itertools import pairwise
from typing import TYPE_CHECKING

from djroadmap.model.text import newline_of
from djroadmap.syntax import sequence
from djroadmap.syntax.isort import Layout, Wanted, imported_by, layout_of, member, module_of, wanted_of
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.reading import LINE_END, Offsets, parse

from .source import check

if TYPE_CHECKING:
    from djroadmap.syntax.isort import ImportStatement

WIDEST = 79


def add(text: str, wanted: Wanted, *, first_party: frozenset[str], single_line: bool) -> str:
    """`text` with the import, in its section and order. Raises `Unclear`.

    `single_line` says whether names of one module get a statement each where the file does not show it.
    """
    check(text)
    module = parse(text)
    layout = layout_of(module, text, first_party)
    partner = _partner(module, layout, wanted, single_line=single_line)
    if partner is not None:
        return _joined(text, partner, wanted)
    if not layout.run:
        return _first(text, module, wanted)[0]
    offsets = Offsets.of(text)
    end = newline_of(text)
    section, key = layout.section(wanted.module), layout.key(wanted)
    places = [(node, layout.section(module_of(node))) for node in layout.run]
    same = [node for node, found in places if found == section]
    later = next((node for node in same if layout.key(wanted_of(node)) > key), None)
    earlier = same[: same.index(later)] if later is not None else same
    if earlier:
        return _behind(offsets, earlier[-1], end + wanted.code)
    blank = 2 if layout.separated else 1
    if later is not None:
        return _before(offsets, later, wanted.code, ends=1, first=later is layout.run[0])
    before = [node for node, found in places if found < section]
    if before:
        return _behind(offsets, before[-1], end * blank + wanted.code)
    return _before(offsets, layout.run[0], wanted.code, ends=blank, first=True)


def remove(
    text: str,
    wanted: Wanted,
    *,
    first_party: frozenset[str],
    single_line: bool,
    wrapped: bool,
    missing: int,
) -> str:
    """`text` without the import: what `add` was given, if nothing else has changed. Raises `Unclear`."""
    check(text)
    node = find(parse(text), wanted)
    if node is None:
        return text
    offsets = Offsets.of(text)
    if len(node.names) > 1:
        return without_name(offsets, node, wanted, wrapped=wrapped)
    start, end = offsets.span(node)
    if text[offsets.starts[node.lineno - 1] : start].strip() or not _ends_line(text, end):
        raise Unclear(node.lineno, f"`{wanted.code}` shares its line with another statement")
    candidates = _without_lines(offsets, node)
    for candidate in candidates:
        try:
            again = add(candidate, wanted, first_party=first_party, single_line=single_line)
            known = to_remember(candidate, wanted, first_party=first_party, single_line=single_line)
        except (Unclear, SyntaxError):
            continue
        if _rows(again) == _rows(text) and known[1] == missing:
            return candidate
    return candidates[0]


def _rows(text: str) -> list[str]:
    """Its lines without their ends, which may be of both kinds: an added line ends as most of them did then."""
    return LINE_END.split(text)


def to_remember(
    text: str, wanted: Wanted, *, first_party: frozenset[str], single_line: bool
) -> tuple[bool, int]:
    """What the result of `add` does not show: was a long import broken into lines, and how many blank
    lines were missing behind the docstring.
    """
    module = parse(text)
    layout = layout_of(module, text, first_party)
    partner = _partner(module, layout, wanted, single_line=single_line)
    if partner is None:
        return False, 0 if layout.run else _first(text, module, wanted)[1]
    over_lines = len(LINE_END.findall(_joined(text, partner, wanted))) > len(LINE_END.findall(text))
    return over_lines and partner.lineno == partner.end_lineno, 0


def find(module: ast.Module, wanted: Wanted) -> ImportStatement | None:
    """The statement at module level that makes this import."""
    for node in module.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and wanted in imported_by(node):
            return node
    return None


def _partner(
    module: ast.Module, layout: Layout, wanted: Wanted, *, single_line: bool
) -> ast.ImportFrom | None:
    """The `from` import that the name joins, if the file does not give each name its own statement."""
    froms = [node for node in module.body if isinstance(node, ast.ImportFrom)]
    alone = [
        module_of(node)
        for node in froms
        if len(node.names) == 1 and not node.names[0].asname and node.names[0].name != "*"
    ]
    if len(set(alone)) < len(alone):
        return None
    if single_line and not any(len(node.names) > 1 for node in froms):
        return None
    for node in layout.run:
        if not isinstance(node, ast.ImportFrom) or module_of(node) != wanted.module or not wanted.name:
            continue
        renamed = [bool(alias.asname) for alias in node.names]
        if node.names[0].name != "*" and (
            any(renamed) and not all(renamed) if wanted.alias else not all(renamed)
        ):
            return node
    return None


def _joined(text: str, node: ast.ImportFrom, wanted: Wanted) -> str:
    offsets = Offsets.of(text)
    seq = _names(offsets, node)
    code = wanted.code.partition(" import ")[2]
    keys = [member(Wanted(wanted.module, alias.name, alias.asname or "")) for alias in node.names]
    number = next((n for n, key in enumerate(keys) if key > member(wanted)), len(keys))
    result = sequence.insert(seq, number, code)
    start, end = offsets.span(node)
    line = result[start : end + len(result) - len(text)]
    if seq.bracket == "(" or LINE_END.search(line) or len(line) <= WIDEST:
        return result
    return text[:start] + wrap(line, newline_of(text)) + text[end:]


def wrap(line: str, end: str) -> str:
    """`from a import b, c` with one name a line in parentheses."""
    head, _, names = line.partition(" import ")
    rows = "".join(f"    {name.strip()},{end}" for name in names.split(","))
    return f"{head} import ({end}{rows})"


def unwrap(block: str) -> str:
    """The inverse of `wrap`."""
    head, _, names = block.partition(" import (")
    return f"{head} import {', '.join(name.strip() for name in names.rstrip(')').split(',') if name.strip())}"


def without_name(offsets: Offsets, node: ImportStatement, wanted: Wanted, *, wrapped: bool) -> str:
    """The text without one of several names of a statement; `wrapped`: on one line again, if nothing else did that."""
    text = offsets.text
    wished = (wanted.name or wanted.module, wanted.alias)
    number = next(n for n, alias in enumerate(node.names) if (alias.name, alias.asname or "") == wished)
    start, end = offsets.span(node)
    if wrapped:
        names = unwrap(text[start:end])
        if wrap(names, newline_of(text)) == text[start:end]:
            head, _, rest = names.partition(" import ")
            kept = [name for n, name in enumerate(rest.split(", ")) if n != number]
            return f"{text[:start]}{head} import {', '.join(kept)}{text[end:]}"
    return sequence.remove(_names(offsets, node), number)


def _names(offsets: Offsets, node: ImportStatement) -> sequence.Sequence:
    spans = tuple(offsets.span(alias) for alias in node.names)
    _, end = offsets.span(node)
    start = spans[0][0]
    if isinstance(node, ast.ImportFrom) and offsets.text[end - 1] == ")":
        start = offsets.text.index("(", offsets.span(node)[0]) + 1
        return sequence.scan(offsets.text, start, end - 1, spans, bracket="(")
    return sequence.scan(offsets.text, start, end, spans, bracket="")


def _behind(offsets: Offsets, node: ast.stmt, new: str) -> str:
    text = offsets.text
    found = LINE_END.search(text, offsets.span(node)[1])
    at = found.start() if found else len(text)
    return text[:at] + new + text[at:]


def _before(offsets: Offsets, node: ast.stmt, code: str, *, ends: int, first: bool) -> str:
    """In front of a statement and the comments that lead it; comments at the very top are the file's own."""
    line = node.lineno - 1
    text = offsets.text
    while line and text[offsets.starts[line - 1] : offsets.starts[line]].startswith("#"):
        line -= 1
    if first and line == 0:
        line = node.lineno - 1
    commented = line < node.lineno - 1  # isort wants a blank line before a comment
    at = offsets.starts[line]
    return text[:at] + code + newline_of(text) * (2 if commented else ends) + text[at:]


def _first(text: str, module: ast.Module, wanted: Wanted) -> tuple[str, int]:
    """Into a module without imports: behind its docstring, else at its top.

    Also gives how many blank lines were missing behind the docstring (less than 0: there were more).
    """
    offsets = Offsets.of(text)
    end = newline_of(text)
    body = module.body
    if not body:
        return f"{text}{end if text and not LINE_END.search(text[-1:]) else ''}{wanted.code}{end}", 0
    has_docstring = ast.get_docstring(module, clean=False) is not None
    following = body[1] if has_docstring and len(body) > 1 else None if has_docstring else body[0]
    needed = 2 if isinstance(following, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else 1
    if not has_docstring:
        at = _top(offsets, body[0])
        return f"{text[:at]}{wanted.code}{end * (1 + needed)}{text[at:]}", 0
    stops = list(LINE_END.finditer(text, offsets.span(body[0])[1]))
    at = stops[0].start() if stops else len(text)
    if following is None:
        return f"{text[:at]}{end * 2}{wanted.code}{text[at:]}", 0
    rest = text[at:]
    blank = len(LINE_END.findall(rest[: len(rest) - len(rest.lstrip())])) - 1
    if blank > needed:  # only as many blank lines as isort wants may follow
        at = stops[blank - needed].start()
        return f"{text[:at]}{end}{wanted.code}{text[at:]}", needed - blank
    missing = needed - blank  # none, as a rule: the blank line there was stays behind the import
    return f"{text[:at]}{end * 2}{wanted.code}{end * missing}{rest}", missing


def _top(offsets: Offsets, node: ast.stmt) -> int:
    """Where code may start: behind the comments that head the file."""
    line = min((inner.lineno for inner in getattr(node, "decorator_list", ())), default=node.lineno) - 1
    rows = [offsets.text[a:b] for a, b in zip(offsets.starts, offsets.starts[1 : line + 1], strict=False)]
    blanks = [number for number, row in enumerate(rows) if not row.strip()]
    if blanks:
        return offsets.starts[blanks[-1] + 1]
    special = [number for number, row in enumerate(rows[:2]) if row.startswith("#!") or "coding" in row]
    return offsets.starts[special[-1] + 1] if special else 0


def _ends_line(text: str, index: int) -> bool:
    found = LINE_END.search(text, index)
    rest = text[index : found.start() if found else len(text)].strip()
    return not rest or rest.startswith("#")


def _without_lines(offsets: Offsets, node: ast.stmt) -> list[str]:
    """The text without the statement, then also without blank lines beside it, the fewest first."""
    starts, text = offsets.starts, offsets.text
    rows = [text[a:b] for a, b in pairwise(starts)]
    above, below = rows[: node.lineno - 1], rows[node.end_lineno :]
    gaps = [
        (before + after, "".join(above[: len(above) - before]), "".join(below[after:]))
        for before in range(min(_blank(above[::-1]), 3) + 1)
        for after in range(min(_blank(below), 3) + 1)
    ]
    found = []
    for _, head, tail in sorted(gaps, key=lambda gap: gap[0]):
        found.append(head + tail)
        if not tail and (ended := LINE_END.search(head[-2:])):
            found.append(head[: len(head) - len(ended[0])])
    return found


def _blank(rows: list[str]) -> int:
    return next((number for number, row in enumerate(rows) if row.strip()), len(rows))
