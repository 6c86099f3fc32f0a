"""Settings written under the banner of their section, as the file's own are, and taken out again."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.model.text import newline_of
from djroadmap.syntax.assigned import certain, scope_of, setting, uses
from djroadmap.syntax.parts import Unclear
from djroadmap.syntax.quoting import quote_of, requote
from djroadmap.syntax.reading import Offsets, dotted, parse
from djroadmap.syntax.rows import BELOW, Banner, Rows, banners, is_closing

from .lists import unit_of
from .source import check
from .strings import inside_strings

if TYPE_CHECKING:
    from djroadmap.syntax.assigned import Scope


class Wanted(NamedTuple):
    """One setting: its code, the comment above it, and the section it belongs to."""

    name: str
    value: str
    comment: str = ""
    link: str = ""
    section: str = ""
    written: str = ""
    """The name with its annotation."""
    statements: str = ""
    """The whole code, where it is not just one setting."""

    @property
    def code(self) -> str:
        """What is written below the comment."""
        return self.statements or f"{self.written or self.name} = {self.value}"


class Place(NamedTuple):
    """Where the settings of a section go in a file."""

    rows: Rows
    scope: Scope
    indent: str
    stop: int
    """The row before which new settings end: the end of the scope, a closing marker, a last call."""
    banners: list[Banner]


def add(text: str, wanted: Wanted) -> str:
    """`text` with the setting: behind the others of its section, else in a section of its own. Raises `Unclear`."""
    check(text)
    _not_generated(text)
    place = _place(text)
    end = newline_of(text)
    block = _block(text, wanted, place.indent)
    last = _last_of_section(place, wanted.section)
    if last is not None:
        at = place.rows.stops[last]
        return text[:at] + end + end.join(block) + text[at:]
    head = _head(place, wanted.section)
    row = place.rows.last_filled(place.stop)
    lines = [*head, *block]
    if row < 0:
        return end.join(lines) + end + text
    at = place.rows.stops[row]
    return text[:at] + end * (1 + _gap(place)) + end.join(lines) + text[at:]


def remove(text: str, wanted: Wanted, *, keep_title: bool) -> str:
    """`text` without the setting, its comment, and its banner if nothing is left under that. Raises `Unclear`."""
    check(text)
    found = certain(setting(text, wanted.name))
    if found is None:
        raise Unclear(None, f"{wanted.name} is only set under a condition now")
    place = _place(text)
    lines = [
        line for line in uses(parse(text), wanted.name) if not found.node.lineno <= line <= _end(found.node)
    ]
    if lines:
        raise Unclear(lines[0], f"{wanted.name} is still used here, so it is kept")
    return _without(place, found.node, found.node, wanted, keep_title=keep_title)


def remove_statements(text: str, wanted: Wanted, nodes: list[ast.stmt], *, keep_title: bool) -> str:
    """`text` without these statements, which follow each other, as `remove` does it. Raises `Unclear`."""
    check(text)
    return _without(_place(text), nodes[0], nodes[-1], wanted, keep_title=keep_title)


def row_of_new(text: str, section: str) -> int:
    """The number of the row behind which `add` puts what belongs to a section."""
    place = _place(text)
    last = _last_of_section(place, section)
    return place.rows.last_filled(place.stop) if last is None else last


def _without(place: Place, start: ast.stmt, end: ast.stmt, wanted: Wanted, *, keep_title: bool) -> str:
    first, stop = _own_rows(place, start, end, wanted)
    title = None if keep_title else _title_left_alone(place, wanted.section, first, stop)
    if wanted.section and title is None:
        return _cut(place.rows, first, stop, 0)
    return _cut(place.rows, first if title is None else title, stop, _gap(place))


def replace(text: str, name: str, value: str) -> str:
    """`text` with the value of a setting replaced; the only assignment of it. Raises `Unclear`."""
    check(text)
    found = setting(text, name)
    if len(found) != 1 or found[0].conditional:
        line = found[-1].node.lineno if found else None
        raise Unclear(
            line, f"{name} is set more than once or under a condition, so its value is not replaced"
        )
    start, end = Offsets.of(text).span(found[0].value)
    return text[:start] + value + text[end:]


def is_empty_section(text: str, section: str) -> bool:
    """Does the file have a banner for the section with nothing under it?"""
    place = _place(text)
    banner = _banner(place, section)
    return banner is not None and _last_statement(place, banner.stop, _next_stop(place, banner)) is None


def _place(text: str) -> Place:
    module = parse(text)
    scope = scope_of(module)
    rows = Rows.of(text)
    first, stop, indent = 0, len(rows), ""
    if scope.owner is not None:
        first, stop = scope.owner.lineno, scope.owner.end_lineno or len(rows)
        head = scope.body[0]
        indent = rows[head.lineno - 1][: head.col_offset]
    taken = {number for node in scope.body for number in range(node.lineno - 1, _end(node))}
    free = [number for number in range(first, stop) if number not in taken]
    found = banners(rows, indent, free)
    return Place(rows, scope, indent, _stop(rows, scope, found, free, stop), found)


def _stop(rows: Rows, scope: Scope, found: list[Banner], free: list[int], stop: int) -> int:
    if scope.owner is not None:
        return stop
    if found and is_closing(found[-1].title):
        stop = found[-1].start
    stop = min([stop, *(number for number in free if BELOW.fullmatch(rows[number].strip()))])
    for number in range(len(scope.body) - 1, -1, -1):
        if not _stays_last(scope.body, number) and not _leads_to_next(scope.body, number, stop):
            break
        row = scope.body[number].lineno - 1
        while row and rows.is_comment(row - 1, ""):
            row -= 1
        stop = min(stop, row)
    return stop


def _stays_last(body: list[ast.stmt], number: int) -> bool:
    """Overrides from elsewhere and calls that take all settings in: nothing may follow them."""
    node = body[number]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        inner = [dotted(part.func) for part in ast.walk(node.value) if isinstance(part, ast.Call)]
        return bool({"locals", "globals", "vars", "include", "exec"} & set(inner))
    stars = any(isinstance(one, ast.ImportFrom) and one.names[0].name == "*" for one in ast.walk(node))
    if isinstance(node, ast.ImportFrom):
        return stars and any(isinstance(one, ast.Assign) for one in body[:number])
    if isinstance(node, ast.Try | ast.If | ast.With):
        calls = {dotted(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
        return stars or bool({"exec", "execfile", "include"} & calls)
    return False


def _leads_to_next(body: list[ast.stmt], number: int, stop: int) -> bool:
    """Is it right above what stays last, and does that ask for what it assigns?"""
    match body[number : number + 2]:
        case [ast.Assign(targets=[ast.Name(id=name)]) as node, ast.If(test=test)] if _end(node) == stop:
            return name in {used.id for used in ast.walk(test) if isinstance(used, ast.Name)}
    return False


def _not_generated(text: str) -> None:
    for number, row in enumerate(text.splitlines()):
        if row.strip() and not row.startswith("#"):
            return
        if "do not edit" in row.lower() and not BELOW.fullmatch(row.strip()):
            raise Unclear(number + 1, "this file says not to edit it, so it is left alone")


def _block(text: str, wanted: Wanted, indent: str) -> list[str]:
    code = requote(wanted.code, quote_of(text))
    inside, tabs = inside_strings(code), unit_of(text) == "\t"
    rows = [f"{indent}{row}" for row in _comment_rows(wanted)]
    for number, row in enumerate(code.split("\n"), 1):
        own = _tabbed(row) if tabs and number not in inside else row
        rows.append(own if number in inside or not own else f"{indent}{own}")
    return rows


def _tabbed(row: str) -> str:
    depth = (len(row) - len(row.lstrip(" "))) // 4
    return "\t" * depth + row[depth * 4 :]


def _comment_rows(wanted: Wanted) -> list[str]:
    rows = [f"# {wanted.link}"] if wanted.link else []
    return rows + [f"# {row}".rstrip() for row in wanted.comment.splitlines()]


def _head(place: Place, section: str) -> list[str]:
    """The banner for a new section, in the file's own style; a plain comment if it has none."""
    if not section:
        return []
    if not place.banners:
        return [f"{place.indent}# {section}"]
    rules = [banner.rule for banner in place.banners]
    rule = place.indent + max(rules, key=rules.count)
    titles = [banner.title for banner in place.banners if not is_closing(banner.title)]
    shouted = len(titles) > 1 and all(title.isupper() for title in titles)
    title = f"{place.indent}# {section.upper() if shouted else section}"
    boxed = sum(banner.boxed for banner in place.banners) * 2 > len(place.banners)
    return [rule, title, rule] if boxed else [title, rule]


def _gap(place: Place) -> int:
    """How many blank lines stand between sections: two if that is the habit, else one."""
    rows = place.rows
    gaps = {1: 0, 2: 0}
    for number in range(2, len(rows)):
        if rows.is_comment(number, place.indent) and rows.blank(number - 1) and rows.last_filled(number) >= 0:
            gaps[1 if not rows.blank(number - 2) else 2] += 1
    return 2 if gaps[2] > gaps[1] and not place.banners else 1


def _banner(place: Place, section: str) -> Banner | None:
    return next((one for one in place.banners if one.title.casefold() == section.casefold()), None)


def _next_stop(place: Place, banner: Banner) -> int:
    later = [one.start for one in place.banners if one.start > banner.start]
    stop = place.stop if banner.start < place.stop else len(place.rows)
    return min([*later, stop])


def _last_of_section(place: Place, section: str) -> int | None:
    """The row behind which a setting of an existing section goes."""
    if not section:
        return None
    banner = _banner(place, section)
    if banner is not None and banner.start < place.stop:
        stop = _next_stop(place, banner)
        last = _last_statement(place, banner.stop, stop)
        if last is not None:
            return last
        row = banner.stop
        while row < stop and place.rows.is_comment(row, place.indent):
            row += 1
        return row - 1
    if place.banners:
        return None
    title = _plain_title(place, section)
    if title is None:
        return None
    stop = title
    while stop < place.stop and not place.rows.blank(stop):
        stop += 1
    return _last_statement(place, title, stop)


def _plain_title(place: Place, section: str) -> int | None:
    wished = f"{place.indent}# {section}"
    return next((number for number in range(place.stop) if place.rows[number].rstrip() == wished), None)


def _last_statement(place: Place, first: int, stop: int) -> int | None:
    """The last row of the last statement between two rows."""
    ends = [_end(node) - 1 for node in place.scope.body if first <= node.lineno - 1 < stop]
    return max(ends, default=None)


def _own_rows(place: Place, start: ast.stmt, end: ast.stmt, wanted: Wanted) -> tuple[int, int]:
    rows, offsets = place.rows, Offsets.of(place.rows.text)
    begin, finish = offsets.span(start)[0], offsets.span(end)[1]
    first, stop = start.lineno - 1, _end(end)
    rest = rows.text[finish : rows.stops[stop - 1]].strip()
    if rows.text[rows.starts[first] : begin].strip() or (rest and not rest.startswith("#")):
        raise Unclear(start.lineno, f"{wanted.name} shares its line with another statement")
    for comment in reversed(_comment_rows(wanted)):
        if first and rows[first - 1].rstrip() == f"{place.indent}{comment}":
            first -= 1
    return first, stop


def _title_left_alone(place: Place, section: str, first: int, stop: int) -> int | None:
    """The row of the section's title if nothing stays under it once these rows are gone."""
    rows = place.rows
    if not section:
        return None
    ends = stop >= len(rows) or rows.blank(stop) or stop >= place.stop
    banner = _banner(place, section)
    if banner is not None:
        # What follows after a blank line is not the section's: nobody would put two blocks under one banner.
        ends = ends or stop >= _next_stop(place, banner)
        return banner.start if ends and banner.stop == first else None
    title = first - 1
    if (
        title >= 0
        and rows[title].rstrip() == f"{place.indent}# {section}"
        and (stop >= len(rows) or rows.blank(stop) or stop >= place.stop)
    ):
        return title
    return None


def _cut(rows: Rows, first: int, stop: int, gap: int) -> str:
    """The text without these rows and so many blank ones before them (behind them at the very top)."""
    above = rows.last_filled(first)
    if above >= 0:
        first = max(first - gap, above + 1)
        return rows.text[: rows.stops[first - 1]] + rows.text[rows.stops[stop - 1] :]
    following = stop
    while following < len(rows) and rows.blank(following):
        following += 1
    return rows.text[rows.starts[following if following < len(rows) else stop] :]


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
