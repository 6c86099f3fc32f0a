"""Long code laid out one element a line, as formatters would have it."""

from __future__ import annotations

import ast

import pytest

from djroadmap.syntax.calls import arguments_of, joined, laid_out
from djroadmap.syntax.reading import Offsets

LAID_OUT = [
    ("f(a, b)", "f(\n  a,\n  b,\n)"),
    ("f(a, *b, c=1, **d)", "f(\n  a,\n  *b,\n  c=1,\n  **d,\n)"),
    ("[(a), (b)]", "[\n  (a),\n  (b),\n]"),
    ("(a, b)", "(\n  a,\n  b,\n)"),
    ("{'a': 1, **b}", "{\n  'a': 1,\n  **b,\n}"),
    ("{1, 2}", "{\n  1,\n  2,\n}"),
    ("[a,]", "[\n  a,\n]"),
    ("f('é', x)", "f(\n  'é',\n  x,\n)"),
    ("f(g(aaaaaaa, bbbbbbb), c)", "f(\n  g(\n    aaaaaaa,\n    bbbbbbb,\n  ),\n  c,\n)"),
    ("f(x=[aaaaaaa, bbbbbbb])", "f(\n  x=[\n    aaaaaaa,\n    bbbbbbb,\n  ],\n)"),
    ("{'x': [aaaaaaa, bbbbbbb]}", "{\n  'x': [\n    aaaaaaa,\n    bbbbbbb,\n  ],\n}"),
    ("[*[aaaaaaa, bbbbbbb, c]]", "[\n  *[aaaaaaa, bbbbbbb, c],\n]"),
    ("f(x=(aaaaaaa + bbbbbbbbb))", "f(\n  x=(aaaaaaa + bbbbbbbbb),\n)"),
    ("f(**aaaaaaaaaaa.bbbbbbbbb)", "f(\n  **aaaaaaaaaaa.bbbbbbbbb,\n)"),
]


@pytest.mark.parametrize(("code", "expected"), LAID_OUT)
def test_one_element_a_line(code, expected):
    assert laid_out(code, room=min(len(code) - 1, 16), unit="  ") == expected
    assert laid_out(code, room=len(code), unit="  ") == code


@pytest.mark.parametrize(
    "code", ["f(\n a)", "f(x for x in y)", "aaaaaaa + b", "f()", "[]", "'aaaaaaaaaa'", "a, b"]
)
def test_what_stays(code):
    assert laid_out(code, room=1, unit="  ") == code


def test_though_there_is_room():
    assert laid_out("{'a': [1]}", room=99, unit=" ", always=True) == "{\n 'a': [1],\n}"


@pytest.mark.parametrize(("code", "expected"), [case for case in LAID_OUT if case[0] != "[a,]"])
def test_joined_again(code, expected):
    assert joined(expected) == code
    assert joined(expected.replace("\n", "\r\n")) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("{ 'a':1 ,'b' : [ 2 ] }", "{ 'a':1 ,'b' : [ 2 ] }"),
        ("f(\n  a, b,\n  c\n)", "f(a, b, c)"),
        ("(\n  a,\n)", "(a,)"),
        ("[(\n  a\n)]", "[(a)]"),
        ("f(\n  (\n    a,\n  ),\n)[\n  b\n](\n  c,\n)", "f((a,))[b](c)"),
        ("{\n  (a, b): x in (\n    c,\n  ),\n}", "{(a, b): x in (c,)}"),
        ("x", "x"),
        ("f(\n  a,  # c\n)", None),
        ('f("""\n""")', None),
        ("f(\n  'a'\n  'b'\n)", "f('a' 'b')"),
        ("f(\n  f'{a}{{',\n)", "f(f'{a}{{')"),
    ],
)
def test_joined(code, expected):
    assert joined(code) == expected


def test_arguments():
    text = "(f)(a, (b), *c, d=1, # x\n)"
    seq = arguments_of(Offsets.of(text), ast.parse(text, mode="eval").body)
    assert [text[a:b] for a, b in seq.items] == ["a", "(b)", "*c", "d=1"]
    assert seq.trailing_comma
