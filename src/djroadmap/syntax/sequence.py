"""Elements put into, and taken out of, a bracketed sequence by splicing its text; nothing is reprinted."""

from __future__ import annotations

from typing import Literal, NamedTuple

from djroadmap.regex import regex

Bracket = Literal["[", "(", "{", ""]

LINE_END = regex(r"\r\n|\r|\n")
TOKEN = regex(r"#[^\r\n]*|[^\s\\]")
BLANK = " \t\f"


class CommaFirst(ValueError):
    """The commas do not stand right behind the elements, so nothing is put between them."""


class Sequence(NamedTuple):
    """Where the parts of a sequence stand in `text`; every number is an index into it.

    Works for any syntax with brackets, commas and comments to the end of the line: Python, TOML, YAML
    flow lists. Whoever makes one finds the spans; `scan` fills in commas and comments for them.
    """

    text: str
    bracket: Bracket
    """The opening bracket; "" for a tuple without parentheses, which cannot grow over lines."""
    start: int
    """Just behind the opening bracket (or where the first element starts)."""
    end: int
    """At the closing bracket (or where the last element, or its comma, ends)."""
    items: tuple[tuple[int, int], ...]
    """Start and end of each element, parentheses around it included."""
    commas: tuple[int, ...]
    """The comma behind each element; one less than elements if the last has none."""
    comments: tuple[tuple[int, int], ...] = ()
    """Start and end (before the line end) of each comment between the brackets, outside elements."""
    needs_comma: bool = False
    """Does a single element need its comma, as in a tuple?"""

    @property
    def trailing_comma(self) -> bool:
        """Does the last element have a comma behind it?"""
        return bool(self.items) and len(self.commas) == len(self.items)


def scan(
    text: str,
    start: int,
    end: int,
    items: tuple[tuple[int, int], ...],
    *,
    bracket: Bracket,
    needs_comma: bool = False,
) -> Sequence:
    """The sequence between `start` and `end`, given the spans of its elements.

    Only blanks, comments, commas and parentheses around elements may stand between them.
    Raises `ValueError` if anything else does.
    """
    commas: list[int] = []
    comments: list[tuple[int, int]] = []
    wide = [list(item) for item in items]
    gaps = zip((start, *(after for _, after in items)), (*(before for before, _ in items), end), strict=True)
    for number, gap in enumerate(gaps):
        behind = number > 0  # an element before this gap may still get its comma or closing parenthesis
        for match in TOKEN.finditer(text, *gap):
            match match[0][0]:
                case "#":
                    comments.append(match.span())
                case "," if behind:
                    commas.append(match.start())
                    behind = False
                case ")" if behind:
                    wide[number - 1][1] = match.end()
                case "(" if number < len(wide):
                    wide[number][0] = min(wide[number][0], match.start())
                case other:
                    msg = f"{other!r} between the elements of a sequence"
                    raise ValueError(msg)
    inner = {item for item in comments if any(a <= item[0] < b for a, b in wide)}
    return Sequence(
        text=text,
        bracket=bracket,
        start=start,
        end=end,
        items=tuple((a, b) for a, b in wide),
        commas=tuple(commas),
        comments=tuple(item for item in comments if item not in inner),
        needs_comma=needs_comma,
    )


def insert(seq: Sequence, index: int, code: str, *, unit: str = "    ") -> str:
    """The text with `code` as the new element number `index`.

    The new element takes the layout of its neighbours: a line of its own with their indentation, or
    the same line; the trailing comma or its absence is kept. It stands right behind the element before
    it (and the comment on that line), so comments that lead the next element stay with that. Further
    lines of `code` are indented like its first. `unit` is one level of indentation, for where no
    neighbour shows any. `remove` is the exact inverse. Raises `CommaFirst`.
    """
    if not seq.items:
        return _insert_into_empty(seq, code, unit)
    if index == 0:
        return _insert_first(seq, code)
    return _insert_behind(seq, index - 1, code, unit)


def remove(seq: Sequence, index: int) -> str:
    """The text without element number `index`: exactly what it was before `insert`.

    The comment on the element's own line goes with it; comments on lines of their own stay.
    Raises `CommaFirst`.
    """
    text = seq.text
    begin, end = seq.items[index]
    last = index == len(seq.items) - 1
    if index:
        _comma_behind(seq, index - 1)
    comma = _comma_behind(seq, index)
    stop = end if comma is None else comma + 1
    lone = len(seq.items) == 2 and seq.needs_comma  # the one that stays must keep, or get, a comma
    opens = _opens_line(seq, begin)
    following = seq.end if last else seq.items[index + 1][0]
    cuts: list[tuple[int, int, str]]
    if opens and (last or _line_end(text, stop) <= following):
        cuts = [(_line_break_before(text, begin), _with_comment(seq, stop), "")]
    elif index and not opens:
        cuts = [(seq.commas[index - 1] + 1, stop, "")]
    elif last or "#" in text[stop:following]:
        cuts = [(begin, stop, "")]
    else:
        cuts = [(begin, following, "")]
    if last and index and comma is None and not lone:
        cuts.append((seq.commas[index - 1], seq.commas[index - 1] + 1, ""))
    if lone and index == 0 and not seq.trailing_comma:
        cuts.append((seq.items[1][1], seq.items[1][1], ","))
    return spliced(text, cuts)


def by_lines(seq: Sequence) -> bool:
    """Does a new last element get a line of its own?"""
    if seq.items:
        return not _inline(seq)
    return bool(seq.bracket) and _line_end(seq.text, seq.start) < seq.end


def spliced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    """`text` with each (start, end, new) put in place; pieces at the same place keep their order."""
    done, result = 0, ""
    for start, end, new in sorted(pieces, key=lambda piece: piece[0]):
        result += text[done:start] + new
        done = end
    return result + text[done:]


def _insert_into_empty(seq: Sequence, code: str, unit: str) -> str:
    text = seq.text
    own = _line_end(text, seq.start)
    if seq.bracket and own < seq.end:
        at = seq.comments[-1][1] if seq.comments else seq.start
        indent = (
            _indent(text, seq.comments[-1][0])
            if _comment_on_own_line(seq)
            else _indent(text, seq.start) + unit
        )
        return spliced(text, [(at, at, f"{_newline(text, at)}{indent}{_indented(text, code, indent)},")])
    comma = "," if seq.needs_comma else ""
    indent = _indent(text, seq.start)
    return spliced(text, [(seq.start, seq.start, _indented(text, code, indent) + comma)])


def _insert_first(seq: Sequence, code: str) -> str:
    text = seq.text
    begin = seq.items[0][0]
    indent = _indent(text, begin)
    if _opens_line(seq, begin):
        at = _with_comment(seq, seq.start)
        return spliced(text, [(at, at, f"{_newline(text, at)}{indent}{_indented(text, code, indent)},")])
    if len(seq.items) > 1 and (first := _comma_behind(seq, 0)) is not None:
        gap = text[first + 1 : seq.items[1][0]]
        blank = gap if not gap.strip(BLANK) else " "
    else:
        blank = " "
    pieces = [(begin, begin, f"{_indented(text, code, indent)},{blank}")]
    if len(seq.items) == 1 and seq.needs_comma and _inline(seq) and seq.commas[0] == seq.items[0][1]:
        pieces.append((seq.commas[0], seq.commas[0] + 1, ""))
    return spliced(text, pieces)


def _insert_behind(seq: Sequence, before: int, code: str, unit: str) -> str:
    text = seq.text
    begin, end = seq.items[before]
    comma = _comma_behind(seq, before)
    last = before == len(seq.items) - 1
    # `(a,)` has its comma because it must, `(a ,)` because somebody likes it so
    lone = last and len(seq.items) == 1 and seq.needs_comma and _inline(seq) and comma == end
    behind = "" if last and (comma is None or lone) else ","
    pieces = [(end, end, ",")] if comma is None else []
    stop = end if comma is None else comma + 1
    if _own_line(seq, before):
        indent = _indent_beside(seq, before, unit)
        at = _with_comment(seq, stop)
        pieces.append((at, at, f"{_newline(text, at)}{indent}{_indented(text, code, indent)}{behind}"))
        return spliced(text, pieces)
    blank = " "
    if not last:
        blank = text[stop : seq.items[before + 1][0]]
        blank = blank if not blank.strip(BLANK) else " "
    pieces.append((stop, stop, f"{blank}{_indented(text, code, _indent(text, begin))}{behind}"))
    return spliced(text, pieces)


def _own_line(seq: Sequence, before: int) -> bool:
    """Does what comes behind element `before` get a line of its own?"""
    if not seq.bracket:
        return False
    end = seq.items[before][1]
    if before < len(seq.items) - 1:
        return _line_end(seq.text, end) <= seq.items[before + 1][0]
    if _line_end(seq.text, end) < seq.end:
        return True
    return _opens_line(seq, seq.items[before][0])


def _inline(seq: Sequence) -> bool:
    """Is the sequence written on the line of its brackets, as far as a new last element is concerned?"""
    return not seq.items or not _own_line(seq, len(seq.items) - 1)


def _comma_behind(seq: Sequence, index: int) -> int | None:
    if index >= len(seq.commas):
        return None
    comma = seq.commas[index]
    if seq.text[seq.items[index][1] : comma].strip(BLANK):
        raise CommaFirst
    return comma


def _indent_beside(seq: Sequence, index: int, unit: str) -> str:
    text = seq.text
    begin = seq.items[index][0]
    if _line_start(text, begin) > seq.start:
        return _indent(text, begin)
    if index + 1 < len(seq.items):
        return _indent(text, seq.items[index + 1][0])
    return _indent(text, seq.start) + unit


def _comment_on_own_line(seq: Sequence) -> bool:
    return bool(seq.comments) and _opens_line(seq, seq.comments[-1][0])


def _with_comment(seq: Sequence, index: int) -> int:
    """The end of the comment that follows `index` on its line, else `index` itself."""
    stop = _line_end(seq.text, index)
    for begin, end in seq.comments:
        if index <= begin < stop and not seq.text[index:begin].strip(BLANK):
            return end
    return index


def _opens_line(seq: Sequence, index: int) -> bool:
    """Is only blank space before `index` on its line, and is that line not the opening bracket's?"""
    start = _line_start(seq.text, index)
    return start > seq.start - 1 and start > 0 and not seq.text[start:index].strip(BLANK)


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def _line_end(text: str, index: int) -> int:
    found = LINE_END.search(text, index)
    return found.start() if found else len(text)


def _line_break_before(text: str, index: int) -> int:
    start = _line_start(text, index)
    return start - 2 if text[start - 2 : start] == "\r\n" else start - 1


def _indent(text: str, index: int) -> str:
    start = _line_start(text, index)
    line = text[start : _line_end(text, start)]
    return line[: len(line) - len(line.lstrip(BLANK))]


def _newline(text: str, index: int) -> str:
    found = LINE_END.search(text, index) or LINE_END.search(text)
    return found[0] if found else "\n"


def _indented(text: str, code: str, indent: str) -> str:
    return code.replace("\n", f"{_newline(text, 0)}{indent}")
