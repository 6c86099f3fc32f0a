"""Three texts into one, by lines: what was written, what it has become, and what would be written now."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from djroadmap.model.text import newline_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

YOURS = "<<<<<<< yours"
BASE = "||||||| djroadmap"
OURS = ">>>>>>> djroadmap"
"""How the lines around a conflict begin: git's signs, so that editors know them, and names that nobody else writes."""


class Merged(NamedTuple):
    """A text that holds both sides' changes, and the lines (from 1) at which a conflict begins."""

    text: str
    conflicts: tuple[int, ...] = ()


class _Chunk(NamedTuple):
    """What stands in the three texts between two places where all of them agree."""

    base: list[str]
    yours: list[str]
    ours: list[str]


def merge(base: str | None, yours: str, ours: str, *, was: str, now: str) -> Merged:
    """`yours` (the user's) with the changes that lead from `base` to `ours`; conflicts are marked as git marks them.

    Without a base, nobody knows who wrote what differs, so all of that is a conflict. `was` and `now` name the two
    versions in the marks. Line endings do not count; those of `yours` are kept.
    """
    end = newline_of(yours or ours)
    mine, theirs = _lines(yours), _ended(_lines(ours), end)
    old = None if base is None else _ended(_lines(base), end)
    chunks = _pairs(mine, theirs) if old is None else _triples(old, mine, theirs)
    lines: list[str] = []
    conflicts: list[int] = []
    for common, chunk in chunks:
        lines += common
        taken = _taken(chunk, known=old is not None)
        if taken is not None:
            lines += taken
            continue
        head, differing, tail = _narrowed(chunk)
        lines += head
        conflicts.append(len(lines) + 1)
        lines += [f"{YOURS}{end}", *differing.yours]
        if old is not None:
            lines += [f"{BASE} {was}{end}", *differing.base]
        lines += [f"======={end}", *differing.ours, f"{OURS} {now}{end}", *tail]
    return Merged(_joined(lines, end), tuple(conflicts))


def unresolved(text: str) -> tuple[int, ...]:
    """The lines (from 1) at which a conflict that `merge` marked begins, or what is left of its marks stands."""
    found = [
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if line.startswith((YOURS, BASE, OURS))
    ]
    begins = [number for number in found if text.split("\n")[number - 1].startswith(YOURS)]
    return tuple(begins or found[:1])


def added(before: str | None, after: str | None) -> list[str]:
    """The lines of `after` that `before` has not, without their endings."""
    old, new = _bodies(_lines(before or "")), _bodies(_lines(after or ""))
    return [
        line for tag, _, _, start, stop in _opcodes(old, new) if tag != "equal" for line in new[start:stop]
    ]


def put_in_place(text: str, without: str, after: str) -> str | None:
    """`text` with what `without` lacks of it replaced by what `after` has besides, where both are one run of lines."""
    old, bare, new = (_bodies(_lines(part)) for part in (text, without, after))
    gone = [code for code in _opcodes(old, bare) if code[0] != "equal"]
    come = [code for code in _opcodes(bare, new) if code[0] != "equal"]
    if [code[0] for code in gone] != ["delete"] or [code[0] for code in come] != ["insert"]:
        return None
    # The blank line that was put before or behind it stays, whichever of the two the comparison takes it for.
    start, stop = _filled(old, gone[0][1], gone[0][2])
    first, last = _filled(new, come[0][3], come[0][4])
    lines = _lines(text)
    lines[start:stop] = [f"{line}{newline_of(text)}" for line in new[first:last]]
    joined = _joined(lines, newline_of(text))
    return joined if text.endswith("\n") else joined.removesuffix(newline_of(text))


def _filled(lines: Sequence[str], start: int, stop: int) -> tuple[int, int]:
    """A range of lines without the blank ones at both ends."""
    while start < stop and not lines[start].strip():
        start += 1
    while start < stop and not lines[stop - 1].strip():
        stop -= 1
    return start, stop


def similar(one: str, other: str) -> float:
    """How much of two texts is the same, by lines: from 0 to 1."""
    import difflib  # noqa: PLC0415 - only runs that compare pay for it

    old, new = _bodies(_lines(one)), _bodies(_lines(other))
    return difflib.SequenceMatcher(None, old, new, autojunk=False).ratio() if old and new else 0.0


def _lines(text: str) -> list[str]:
    r"""With their endings; only `\n` ends a line."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _bodies(lines: Sequence[str]) -> list[str]:
    return [line.rstrip("\r\n") for line in lines]


def _ended(lines: Sequence[str], end: str) -> list[str]:
    bare = (line.rstrip("\r\n") for line in lines)
    return [f"{body}{end}" if line.endswith("\n") else line for body, line in zip(bare, lines, strict=True)]


def _joined(lines: Sequence[str], end: str) -> str:
    """A line that was the last of its text and no longer is gets an ending."""
    return "".join(
        line if line.endswith("\n") or at == len(lines) - 1 else f"{line}{end}"
        for at, line in enumerate(lines)
    )


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    import difflib  # noqa: PLC0415 - as above

    return list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes())


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    import difflib  # noqa: PLC0415 - as above

    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks]


def _pairs(yours: list[str], ours: list[str]) -> Iterator[tuple[list[str], _Chunk]]:
    """What two texts have in common, each time with what differs behind it."""
    at, there = 0, 0
    common: list[str] = []
    for start, other, size in _matches(_bodies(yours), _bodies(ours)):
        yield common, _Chunk([], yours[at:start], ours[there:other])
        common, at, there = yours[start : start + size], start + size, other + size
    yield common, _Chunk([], [], [])


def _triples(base: list[str], yours: list[str], ours: list[str]) -> Iterator[tuple[list[str], _Chunk]]:
    """What three texts have in common, as it stands in `yours`, each time with what differs behind it."""
    old = _bodies(base)
    at, mine, theirs = 0, 0, 0
    common: list[str] = []
    for start, own, other, size in _shared(_matches(old, _bodies(yours)), _matches(old, _bodies(ours))):
        yield common, _Chunk(base[at:start], yours[mine:own], ours[theirs:other])
        common = yours[own : own + size]
        at, mine, theirs = start + size, own + size, other + size
    yield common, _Chunk(base[at:], yours[mine:], ours[theirs:])


def _shared(
    one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int]]:
    """Where the base stands in both: its start, the start in each, the number of lines."""
    first, second = 0, 0
    while first < len(one) and second < len(other):
        (start, own, size), (begin, their, length) = one[first], other[second]
        low, high = max(start, begin), min(start + size, begin + length)
        if low < high:
            yield low, own + low - start, their + low - begin, high - low
        if start + size < begin + length:
            first += 1
        else:
            second += 1


def _taken(chunk: _Chunk, *, known: bool) -> list[str] | None:
    """The side that changed, if only one did or both did the same; None for a conflict."""
    base, yours, ours = (_bodies(lines) for lines in chunk)
    if yours == ours:
        return chunk.yours
    if not known:
        return None
    if yours == base:
        return chunk.ours
    return chunk.yours if ours == base else None


def _narrowed(chunk: _Chunk) -> tuple[list[str], _Chunk, list[str]]:
    """A conflict without the lines that both sides begin and end with, which come before and after it."""
    yours, ours = _bodies(chunk.yours), _bodies(chunk.ours)
    shorter = min(len(yours), len(ours))
    head = next((at for at in range(shorter) if yours[at] != ours[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if yours[-1 - at] != ours[-1 - at]), rest)
    stop = len(yours) - tail
    inner = _Chunk(chunk.base, chunk.yours[head:stop], chunk.ours[head : len(ours) - tail])
    return chunk.yours[:head], inner, chunk.yours[stop:]
