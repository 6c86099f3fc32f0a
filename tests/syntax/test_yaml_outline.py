from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from ruamel.yaml import YAML

from djroadmap.syntax.yaml_outline import listed, read

SAME = [
    "a: 1\nb: two\n",
    "a:\n  b:\n    c: d\n  e: f\n",
    "a:\n  - x\n  - y\nb: z\n",
    "a:\n- x\n- y\nb: z\n",
    "- a: 1\n  b: 2\n-   c: 3\n    d: 4\n",
    "- - a\n  - b\n- - c\n",
    "-\n  a: 1\n",
    "a: [x, 'y, z', \"w\"]\nb: {c: d, e: [f, g]}\n",
    "a: [x,\n  y,\n  z]\nb: 1\n",
    "a: [\n  x,\n  y,\n]\nb: 1\n",
    "a: []\nb: {}\n",
    "a: |\n  one\n    two\n\n  three\nb: 1\n",
    "a: >\n  one\n  two\nb: 1\n",
    "a: |-\n  one\nb: |+\n  two\n",
    "- run: |\n    a\n    b\n- run: c\n",
    'a: "x: y # z"\nb: \'it\'\'s\'\nc: "a\\"b"\n',
    "a: x # comment\n# whole line\nb: y#z\n",
    "a: &anchor\n  x: 1\nb: *anchor\nc:\n  <<: *anchor\n  y: 2\n",
    "a: &one {x: 1}\nb: &two\n  y: 2\nc:\n  <<: [*one, *two]\n  x: 3\n",
    "a: long text\n  that goes on\nb: 1\n",
    "'quoted key': 1\n\"other\": 2\n? x\n"[:-4],
    "a: http://example.com:80/x\nb: x:y\n",
    "---\na: 1\n---\nb: 2\n",
    "a:\n\n\n  b: 1\n",
    "a: !!str x\n",
    "on:\n  push:\n    branches: ['main']\njobs:\n  x: ${{ github.ref }}\n",
    "env:\n  A: ${{ secrets.X }}\n  B: '${{ a }}-${{ b }}'\n",
    'a: "one\n  two"\nb: 1\n',
    "a: - b\n"[:3] + "x\n",
]


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key).lower(): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return "" if value is None else " ".join(str(value).split())


@pytest.mark.parametrize("text", SAME)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_reads_as_a_yaml_library_does(text: str, ending: str) -> None:
    library = YAML(typ="safe", pure=True)
    library.version = (1, 2)  # type: ignore[assignment]
    expected = next(iter(library.load_all(text)))
    assert plain(read(text.replace("\n", ending))) == plain(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only\n",
        "---\n",
        "a: [",
        "a: {b: [c",
        "a: 'x",
        "- [",
        "a: |",
        "\tx: 1",
        "a: *gone",
        "{{ x }}",
        "a:\n b\n  c: d\n e: f",
        "]",
        "a: ]",
        "<<: x",
        "- <<: [1]",
        ":",
        "- :",
        "a: &x",
        "%YAML 1.2\n---\na: 1",
    ],
)
def test_never_fails(text: str) -> None:
    read(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"|>&*#!,<% \n\t", max_size=60))
def test_never_fails_on_anything(text: str) -> None:
    read(text)


def test_absurd_nesting() -> None:
    assert read("a: " + "[" * 5000) == {}


def test_listed() -> None:
    assert (listed(["a"]), listed("a"), listed(""), listed({"a": 1})) == (["a"], ["a"], [], [])
