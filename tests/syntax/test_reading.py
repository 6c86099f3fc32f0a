from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from djroadmap.syntax.reading import UNKNOWN, Offsets, constant, dotted, imports, parse, statements


def value_of(code: str, **names: object) -> object:
    return constant(ast.parse(code, mode="eval").body, names)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("X + '.urls'", "shop.urls"),
        ("f'{X}.urls'", "shop.urls"),
        ("f'{X!s}.urls'", "shop.urls"),
        ("'{}.urls'.format(X)", "shop.urls"),
        ("'{x}.urls'.format(x=X)", "shop.urls"),
        ("'%s.urls' % X", "shop.urls"),
        ("'%s.%s' % (X, 'urls')", "shop.urls"),
        ("'%(x)s' % {'x': X}", "shop"),
        ("['a', *['b'], 'c']", ["a", "b", "c"]),
        ("('a',) + ('b',)", ("a", "b")),
        ("{'a': 1, 'b': 5 * 60}", {"a": 1, "b": 300}),
        ("{'a'}", {"a"}),
        ("-1", -1),
        ("not True", False),
        ("1 + 1", 2),
    ],
)
def test_folds(code, value):
    assert value_of(code, X="shop") == value


@pytest.mark.parametrize(
    "code",
    [
        "f()",
        "X",
        "f'{X}'",
        "f'{1:>5}'",
        "f'{1!r}'",
        "'{}' '{}'.format('a')",
        "'{:>9}'.format('a')",
        "'{0.a}'.format('a')",
        "'%d' % 'a'",
        "'%999999999d' % 1",
        "'%s' % f()",
        "{[]: 1}",
        "{[]}",
        "a.b",
        "'a' + 1",
        "'a' * 10",
        "-'a'",
        "not X",
        "[x for x in y]",
        "'a' if x else 'b'",
    ],
)
def test_does_not_guess(code):
    assert value_of(code) is UNKNOWN


def test_unknown_members_stay_members():
    assert value_of("['a', f(), *g(), 'b']") == ["a", UNKNOWN, UNKNOWN, "b"]
    assert value_of("{'a': f(), **x}") == {"a": UNKNOWN, UNKNOWN: UNKNOWN}
    assert not UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_attributes_by_their_dotted_name():
    assert constant(ast.parse("a.b", mode="eval").body, {"a.b": 1}) == 1


SHAPE = """
A = 1
if A:
    B = 2
else:
    C = 3
try:
    D = 4
except ImportError:
    E = 5
else:
    F = 6
finally:
    G = 7
with x:
    H = 8
for i in x:
    J = 9
while x:
    K = 10
match x:
    case 1:
        L = 11
def f():
    M = 12
class N:
    O = 13
"""


def test_statements_at_module_level():
    found = {
        node.targets[0].id: flag
        for node, flag in statements(parse(SHAPE).body)
        if isinstance(node, ast.Assign)
    }
    assert found == dict.fromkeys("AGH", False) | dict.fromkeys("BCDEFJKL", True)


def test_dotted():
    assert dotted(ast.parse("a.b.c", mode="eval").body) == "a.b.c"
    assert dotted(ast.parse("a", mode="eval").body) == "a"
    assert dotted(ast.parse("a().b", mode="eval").body) is None
    assert dotted(None) is None


def test_imports():
    text = """
import a.b as c, d
from . import e
from ..f import g as h
if TYPE_CHECKING:
    from i import j
def k():
    from l import *
"""
    assert [tuple(found) for found in imports(parse(text))] == [
        ("a.b", "", "c", 0, 2, False),
        ("d", "", None, 0, 2, False),
        ("", "e", None, 1, 3, False),
        ("f", "g", "h", 2, 4, False),
        ("i", "j", None, 0, 6, True),
        ("l", "*", None, 0, 8, False),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_offsets(end):
    text = end.join(["# é", "x = 'é'; yy = [", "  'üü', 'a'", "]", ""])
    offsets = Offsets.of(text)
    tree = parse(text)
    first, second = tree.body
    assert offsets.source(first) == "x = 'é'"
    assert offsets.source(second).startswith("yy = [")
    assert offsets.source(second.value.elts[1]) == "'a'"
    start, _ = offsets.span(second.value.elts[1])
    assert offsets.line_of(start) == 3
    assert offsets.line_of(0) == 1
    assert offsets.line_of(len(text)) >= 4


@given(st.text(alphabet="aé\U0001f600 \t\f\x0b\u2028", max_size=10), st.sampled_from(["\n", "\r\n"]))
def test_offsets_in_any_text(words, end):
    text = f"# {words}{end}x = 1; '{words}'; yy{end}"
    tree = parse(text)
    assert Offsets.of(text).source(tree.body[-1]) == "yy"


def test_form_feeds_do_not_end_lines():
    text = "a = 1\n\x0c\nbb = 2\n"
    assert Offsets.of(text).source(parse(text).body[1]) == "bb = 2"


@pytest.mark.parametrize("text", ["print 'x'\n", "x = (\n", "x = '\x00'\n", "(" * 5000 + ")" * 5000])
def test_broken_source(text):
    with pytest.raises(SyntaxError):
        parse(text)


def test_invalid_escapes_do_not_warn():
    assert isinstance(parse("x = '\\d'\n"), ast.Module)


def test_reading_does_not_import_libcst():
    code = "import sys, djroadmap.syntax.reading as r; r.parse('x = 1'); assert 'libcst' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
