"""The graph from texts is the graph that grimp builds from the disk, which is what lint-imports will see."""

from __future__ import annotations

import importlib
import textwrap
from typing import TYPE_CHECKING

import grimp
import pytest

from djroadmap.errors import Refused
from djroadmap.model.memory import MemoryTree
from djroadmap.planning import import_graph

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Files = dict[str, str | bytes]


def source(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


PLACES = source(
    """
    import shop.models, shop.views as v
    from shop import models
    from shop import VERSION, views
    from shop.models import (
        Order,
        Line,
    )
    from shop \\
        import urls
    from . import admin; from .api import routes
    from .nowhere import thing
    from . import *
    import os.path
    if TYPE_CHECKING:
        from shop.typed import A
    elif x:
        import shop.elif_
    else:
        import shop.else_
    try:
        import shop.try_
    except (ImportError, OSError):
        import shop.except_
    else:
        import shop.else_
    finally:
        import shop.finally_
    for x in y:
        import shop.for_
    while x:
        import shop.while_
    with x:
        import shop.with_
    match x:
        case 1:
            import shop.case_
    def f():
        import shop.function
        class A:
            async def g(self):
                async with x:
                    import shop.method
    text = "import shop.not_me"
    """
)
ALL = "admin case_ elif_ else_ except_ finally_ for_ function method models not_me try_ typed urls views while_ with_"

EXAMPLES: dict[str, tuple[tuple[str, ...], Files]] = {
    "every place an import can stand": (
        ("shop",),
        {
            "shop/__init__.py": "VERSION = 1\n",
            "shop/places.py": PLACES,
            "shop/api/__init__.py": "",
            "shop/api/routes.py": "",
            **{f"shop/{name}.py": "" for name in ALL.split()},
        },
    ),
    "relative imports at every height": (
        ("shop",),
        {
            "shop/__init__.py": "from . import a\nfrom .a import b\nfrom .. import x\nfrom ..y import z\n",
            "shop/a/__init__.py": "from . import b\nfrom .. import c\nfrom ... import d\nfrom .b import q\n",
            "shop/a/b.py": "from . import b\nfrom .. import c, a\nfrom ..c import d\nfrom ... import e\n",
            "shop/c.py": "from . import a\nfrom .. import shop\nfrom .a.b import c\n",
        },
    ),
    "several packages, and names that nobody has": (
        ("shop", "config"),
        {
            "shop/__init__.py": "",
            "shop/models.py": "import config.settings.base\nimport config.missing.deep\nfrom config import missing\n",
            "shop/views.py": "import shopping\nfrom users.models import User\nimport config, configs\nimport xml.dom\n",
            "config/__init__.py": "from config.celery import app\n",
            "config/settings/__init__.py": "",
            "config/settings/base.py": "import environ\n",
            "config/celery.py": "from celery import Celery\n",
            "shopping/__init__.py": "import shop\n",
        },
    ),
    "folders without __init__.py": (
        ("shop",),
        {
            "shop/__init__.py": "import shop.spaced.inner\nfrom shop.spaced import inner\nfrom shop import seen\n",
            "shop/spaced/inner.py": "import shop.seen\n",
            "shop/spaced/orphan/__init__.py": "import shop.seen\n",
            "shop/seen.py": "from .spaced import inner\n",
        },
    ),
    "a namespace package at the top": (
        ("apps",),
        {
            "apps/users/__init__.py": "",
            "apps/users/models.py": "from apps.orders import models\nimport apps.loose\n",
            "apps/orders/__init__.py": "",
            "apps/orders/models.py": "from apps.users.models import User\nfrom .. import users\nimport apps\n",
            "apps/orders/data/notes.py": "import apps.users\n",
            "apps/loose.py": "import apps.users\nimport apps.group\nfrom apps.group import none\nfrom apps import no\n",
            "apps/empty/readme.txt": "",
            "apps/group/deep/__init__.py": "from apps.group import deep, other\n",
            "apps/group/other.py": "",
        },
    ),
    "names that are hardly modules": (
        ("shop",),
        {
            "shop/__init__.py": "",
            "shop/my-script.py": "import shop.a\n",
            "shop/two.dots.py": "import shop.a\n",
            "shop/.hidden.py": "import shop.a\n",
            "shop/not-a-package/__init__.py": "import shop.a\n",
            "shop/stub.pyi": "import shop.a\n",
            "shop/a.py": "import os\n",
            "shop/größe.py": "import shop.a\n",
        },
    ),
    "a module beside a package of its name": (
        ("shop",),
        {
            "shop/__init__.py": "import shop.other\n",
            "shop.py": "import shop.a\nfrom . import b\n",
            "shop/a.py": "from . import b\n",
            "shop/a/__init__.py": "import shop.other\n",
            "shop/a/b.py": "from . import other\n",
            "shop/b.py": "",
            "shop/other.py": "",
        },
    ),
    "line endings, marks and encodings": (
        ("shop",),
        {
            "shop/__init__.py": b"",
            "shop/crlf.py": b"import os\r\n\r\nfrom . import (\r\n    bom,\r\n)\r\n",
            "shop/cr.py": b"import os\rimport shop.crlf\r",
            "shop/bom.py": b"\xef\xbb\xbfimport shop.cr\n",
            "shop/latin.py": "# -*- coding: latin-1 -*-\nimport os  # \xe9\n".encode("latin-1"),
            "shop/cp.py": "#!python\n# coding: cp1252\nimport shop.cr  # \u20ac\n".encode("cp1252"),
            "shop/feed.py": b"import os\n\x0cimport shop.cr\nx = '\x0b\x1c'\nimport sys\n",
            "shop/separators.py": "x = '\u2028\u2029\x85'\n    \nimport shop.cr\n".encode(),
            "shop/tabs.py": b"if x:\n\timport shop.cr\n",
        },
    ),
    "syntax of every age": (
        ("shop",),
        {
            "shop/__init__.py": "",
            "shop/generic.py": "type X[T] = list[T]\ndef f[T](x: T): import shop.a\nclass A[T]:\n    import shop.b\n",
            "shop/quotes.py": "x = f'{a['b']}'\nimport shop.a\n",
            "shop/template.py": "x = t'{a}'\nimport shop.a\n",
            "shop/handlers.py": "try:\n    import shop.a\nexcept A, B:\n    import shop.b\n",
            "shop/walrus.py": "async def f():\n    async for x in y: import shop.b\nreturn 1\n",
            "shop/escape.py": "x = '\\d'\nimport shop.a\n",
            "shop/a.py": "",
            "shop/b.py": "",
        },
    ),
    "nothing": (("shop",), {"shop/__init__.py": ""}),
}


@pytest.mark.parametrize("external", [False, True], ids=["own", "with externals"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_it_is_the_graph_that_grimp_builds(name, external, tmp_path, monkeypatch):
    roots, files = EXAMPLES[name]
    _write(tmp_path, files)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    theirs = grimp.build_graph(*roots, include_external_packages=external, cache_dir=None)
    ours = import_graph.build(
        MemoryTree(files), {root: root for root in roots}, include_external_packages=external
    )
    assert _facts(ours) == _facts(theirs)


def test_packages_in_a_folder_of_their_own(tmp_path, monkeypatch):
    roots, files = EXAMPLES["several packages, and names that nobody has"]
    _write(tmp_path, {f"backend/src/{path}": text for path, text in files.items()})
    monkeypatch.syspath_prepend(tmp_path / "backend/src")
    importlib.invalidate_caches()
    tree = MemoryTree({f"backend/src/{path}": text for path, text in files.items()})
    ours = import_graph.build(tree, {root: f"backend/src/{root}" for root in roots})
    assert _facts(ours) == _facts(grimp.build_graph(*roots, cache_dir=None))


BROKEN: dict[str, tuple[str | bytes, int | None]] = {
    "not Python": ("def (:\n", 1),
    "Python 2": ("import os\nprint 'x'\n", 2),
    "mixed indentation": ("if x:\n\timport os\n        import sys\n", 3),
    "a null byte": (b"import os\x00\n", None),
    "not UTF-8": (b"x = 1\nimport os  # \xe9\n", None),
    "an encoding that does not exist": (b"# coding: nonsense\nimport os\n", None),
    "an import that climbs too far": ("import os\nfrom .... import x\n", 2),
    "no import at all": ("x = (\n", 1),
    "an encoding that only Python knows": ("# -*- coding: utf--8 -*-\nimport os\n", 1),
    "the same in the second line": ("#!/usr/bin/env python\n# coding=utf_-8\n", 2),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_lint_imports_stops_at_is_refused(name, tmp_path, monkeypatch):
    text, line = BROKEN[name]
    files: Files = {"shop/__init__.py": "", "shop/broken.py": text}
    _write(tmp_path, files)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    with pytest.raises(BaseException) as theirs:  # a panic is no Exception
        grimp.build_graph("shop", cache_dir=None)
    assert not isinstance(theirs.value, KeyboardInterrupt)
    with pytest.raises(Refused) as refused:
        import_graph.build(MemoryTree(files), {"shop": "shop"})
    (problem,) = refused.value.problems
    assert problem.path == "shop/broken.py"
    if line is not None:
        assert problem.line == line


def test_all_that_is_broken_is_named_at_once():
    files = {
        "shop/__init__.py": "(",
        "shop/a.py": "import os\n",
        "shop/b.py": b"\xff",
        "shop/c.py": "from ... import x\n",
    }
    with pytest.raises(Refused) as refused:
        import_graph.build(MemoryTree(files), {"shop": "shop"})
    assert [problem.path for problem in refused.value.problems] == [
        "shop/__init__.py",
        "shop/b.py",
        "shop/c.py",
    ]


def test_modules_need_no_source():
    files = {
        "shop/__init__.py": "(",
        "shop/a/__init__.py": "",
        "shop/b/c.py": "",
        "apps/x/__init__.py": "",
        "d.py": "",
    }
    found = import_graph.modules(MemoryTree(files), {"shop": "shop", "apps": "apps", "gone": "gone"})
    assert dict(found.files) == {
        "shop": "shop/__init__.py",
        "shop.a": "shop/a/__init__.py",
        "apps.x": "apps/x/__init__.py",
    }
    assert found.namespaces == {"apps"}
    assert "apps" in found
    assert "shop.a" in found
    assert "shop.b" not in found


def _write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)


def _facts(graph: grimp.ImportGraph) -> dict[str, object]:
    imports = {
        # grimp leaves a byte order mark in the line
        (
            found["importer"],
            found["imported"],
            found["line_number"],
            found["line_contents"].lstrip("\ufeff"),
            found["is_lazy"],
        )
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        for found in graph.get_import_details(importer=importer, imported=imported)
    }
    squashed = {name for name in graph.modules if graph.is_module_squashed(name)}
    return {"modules": graph.modules, "squashed": squashed, "imports": imports}
