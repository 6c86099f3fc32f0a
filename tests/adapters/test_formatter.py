"""New Python files as the project's own formatter would leave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from djroadmap.adapters.formatter import RuffFormatter, find_ruff
from djroadmap.model.project import PythonStyle
from tests.adapters.trees import build, snapshot

SOURCE = """\
import sys, os
from django.urls import path, include
import acme.users
x = {'a': "it's",
   'b': 2}
y = call(aaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccc, ddd)
"""


def formatted(root: Path, text: str = SOURCE, path: str = "acme/new.py", **options: object) -> str:
    return RuffFormatter(root, **options).format(path, text)  # type: ignore[arg-type]


def test_without_any_configuration(tmp_path: Path):
    build(tmp_path, {"acme/__init__.py": ""})
    assert formatted(tmp_path) == (
        "import os\n"
        "import sys\n\n"
        "from django.urls import include, path\n\n"
        "import acme.users\n\n"
        'x = {"a": "it\'s", "b": 2}\n'
        "y = call(\n"
        "    aaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n"
        "    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,\n"
        "    cccccccccccccccccccccc,\n"
        "    ddd,\n"
        ")\n"
    )


def test_the_style_that_was_seen(tmp_path: Path):
    style = PythonStyle(tool="none", line_length=120, quotes="single", force_single_line=True)
    text = formatted(tmp_path, style=style)
    assert "from django.urls import include\nfrom django.urls import path\n" in text
    assert """x = {'a': "it's", 'b': 2}\n""" in text
    assert "cccccccccccccccccccccc, ddd)\n" in text


@pytest.mark.parametrize("name", ["pyproject.toml", "ruff.toml", ".ruff.toml"])
def test_the_projects_ruff_configuration(tmp_path: Path, name: str):
    prefix = "tool.ruff." if name == "pyproject.toml" else ""
    lines = ["line-length = 120", 'format.quote-style = "single"', "lint.isort.force-single-line = true"]
    build(tmp_path, {name: "".join(f"{prefix}{line}\n" for line in lines), "acme/__init__.py": ""})
    text = formatted(tmp_path)
    assert "from django.urls import include\nfrom django.urls import path\n" in text
    assert """x = {'a': "it's", 'b': 2}\n""" in text
    assert "cccccccccccccccccccccc, ddd)\n" in text


def test_a_nearer_configuration_wins_and_folders_need_not_exist(tmp_path: Path):
    build(
        tmp_path,
        {"ruff.toml": "line-length = 120\n", "sub/ruff.toml": "line-length = 60\nextend = '../ruff.toml'\n"},
    )
    assert "ddd)\n" in formatted(tmp_path, path="other/deep/new.py")
    assert "    ddd,\n" in formatted(tmp_path, path="sub/deep/new.py")


def test_a_configuration_above_the_root_counts_within_the_repository(tmp_path: Path):
    build(tmp_path, {"r/ruff.toml": "line-length = 120\n", "r/p/x.py": ""})
    assert "ddd)\n" not in formatted(tmp_path / "r/p")
    build(tmp_path, {"r/.git/HEAD": ""})
    assert "ddd)\n" in formatted(tmp_path / "r/p")


def test_safe_fixes_of_the_projects_rules_and_then_the_layout_again(tmp_path: Path):
    build(tmp_path, {"ruff.toml": "[lint]\nselect = ['COM812', 'F401', 'UP']\n"})
    text = formatted(tmp_path, "import os\nx = call(\n    a,\n    b)\ny = set([1])\nz = u'z'\n")
    assert text == 'import os\n\nx = call(a, b)\ny = set([1])\nz = "z"\n', (
        "an import may be there for its effect"
    )
    long = f"x = call({'a' * 50}, {'b' * 50})\n"
    assert formatted(tmp_path, long) == f"x = call(\n    {'a' * 50},\n    {'b' * 50},\n)\n"


def test_no_unsafe_fixes_even_if_the_project_wants_them(tmp_path: Path):
    build(tmp_path, {"ruff.toml": "unsafe-fixes = true\n[lint]\nselect = ['T20', 'ERA']\n"})
    text = "# x = 1\nprint(1)\n"
    assert formatted(tmp_path, text) == text


def test_excluded_files_are_formatted_all_the_same(tmp_path: Path):
    build(tmp_path, {"ruff.toml": "extend-exclude = ['*/migrations/*.py']\nforce-exclude = true\n"})
    assert formatted(tmp_path, "x = 'a'\n", path="acme/migrations/0001.py") == 'x = "a"\n'


@pytest.mark.parametrize(
    "line",
    [
        'required-version = "==0.0.1"',
        "an-option-of-the-future = 1",
        'lint.select = ["ZZZ123"]',
        'lint.isort.an-option = "x"',
        'format.an-option = "x"',
        'target-version = "py999"',
    ],
)
def test_a_configuration_for_another_ruff_gives_what_of_it_can_be_used(tmp_path: Path, line: str):
    options = "line-length = 120\nformat.quote-style = 'single'\nlint.isort.force-single-line = true\n"
    build(tmp_path, {"ruff.toml": f"{line}\n{options}", "acme/__init__.py": ""})
    text = formatted(tmp_path)
    assert "from django.urls import include\nfrom django.urls import path\n\nimport acme.users\n" in text
    assert """x = {'a': "it's", 'b': 2}\n""" in text
    assert "cccccccccccccccccccccc, ddd)\n" in text


def test_rules_stay_in_force_where_only_the_version_is_wrong(tmp_path: Path):
    build(tmp_path, {"ruff.toml": 'required-version = "==0.0.1"\nlint.select = ["UP"]\n'})
    assert (
        formatted(tmp_path, "x = u'a'\nclass A(object):\n    pass\n") == 'x = "a"\n\n\nclass A:\n    pass\n'
    )


@pytest.mark.parametrize("content", ["line-length = [", "line-length = 'x'\n", "\xff"])
def test_a_broken_configuration_gives_the_defaults(tmp_path: Path, content: str):
    build(tmp_path, {"ruff.toml": content.encode("latin-1")})
    assert formatted(tmp_path, "x = 'a'\n") == 'x = "a"\n'


def test_black_and_isort_in_pyproject(tmp_path: Path):
    build(
        tmp_path,
        {
            "pyproject.toml": (
                "[tool.black]\nline-length = 120\nskip-string-normalization = true\n"
                "target-version = ['py313', 'py39']\n"
                "[tool.isort]\nprofile = 'google'\nknown_first_party = ['django']\nline_length = 70\n"
            )
        },
    )
    text = formatted(tmp_path)
    assert "from django.urls import include\nfrom django.urls import path\n" in text
    assert """x = {'a': "it's", 'b': 2}\n""" in text
    assert "cccccccccccccccccccccc, ddd)\n" in text
    assert text.index("acme") < text.index("django"), "known_first_party is heard"


@pytest.mark.parametrize(
    ("name", "heading"), [("setup.cfg", "isort"), (".isort.cfg", "settings"), ("tox.ini", "isort")]
)
def test_isort_in_an_ini_file(tmp_path: Path, name: str, heading: str):
    options = (
        "force_single_line = true\nline_length = 120\nknown_first_party =\n    django\n    acme\nskip = x\n"
    )
    build(tmp_path, {name: f"[{heading}]\n{options}"})
    text = formatted(tmp_path)
    assert "from django.urls import include\nfrom django.urls import path\n" in text
    assert text.index("acme") < text.index("django")


@pytest.mark.parametrize("content", ["[isort\n", "[other]\nx=1\n", "\xff\xfe"])
def test_ini_files_that_say_nothing(tmp_path: Path, content: str):
    build(tmp_path, {"setup.cfg": content.encode("latin-1")})
    assert formatted(tmp_path, "x = 'a'\n") == 'x = "a"\n'


def test_black_shapes_what_ruff_only_lints(tmp_path: Path):
    build(tmp_path, {"pyproject.toml": "[tool.black]\nline-length = 120\n[tool.ruff.lint]\nselect = ['I']\n"})
    assert "ddd)\n" in formatted(tmp_path)
    assert "ddd)\n" not in formatted(tmp_path, style=PythonStyle(tool="ruff"))


def test_packages_that_are_not_on_disk_yet_are_first_party(tmp_path: Path):
    build(
        tmp_path,
        {
            "acme/__init__.py": "",
            "ruff.toml": "lint.isort.known-first-party = ['mine']\nsrc = ['.', 'lib']\n",
        },
    )
    text = "import mine\nimport fresh.x\nimport libfresh\nimport django\nimport own\n"
    new = ("fresh/__init__.py", "lib/libfresh.py", "acme/new.py", "docs/x.md")
    assert formatted(tmp_path, text, path="own/b.py", new=new) == (
        "import django\n\nimport fresh.x\nimport libfresh\nimport mine\nimport own\n"
    )
    assert (
        formatted(tmp_path, text)
        == "import django\nimport fresh.x\nimport libfresh\nimport own\n\nimport mine\n"
    )


def test_so_they_are_without_a_configuration(tmp_path: Path):
    assert formatted(tmp_path, "import fresh\nimport django\n", new=("fresh/a.py",)) == (
        "import django\n\nimport fresh\n"
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "def ("),
        ("a.html", "x='a'"),
        ("a.py", ""),
        ("a.py", "\n"),
        ("../a.py", "x='a'"),
        ("a.py", "\ud800"),
    ],
)
def test_what_cannot_be_formatted_is_left(tmp_path: Path, path: str, text: str):
    assert formatted(tmp_path, text, path=path) == text


def test_no_ruff_is_no_formatting(tmp_path: Path):
    assert formatted(tmp_path, "x = 'a'\n", binary="/nonexistent/ruff") == "x = 'a'\n"


def test_nothing_is_written(tmp_path: Path):
    build(tmp_path, {"ruff.toml": "", "acme/__init__.py": ""})
    before = snapshot(tmp_path)
    formatted(tmp_path)
    assert snapshot(tmp_path) == before


def test_formatting_twice_changes_nothing(tmp_path: Path):
    build(tmp_path, {"ruff.toml": "lint.select = ['ALL']\n", "acme/__init__.py": ""})
    once = formatted(tmp_path)
    assert formatted(tmp_path, once) == once


def test_settings_of_the_user_and_the_environment_do_not_matter(tmp_path: Path):
    build(tmp_path, {"home/.config/ruff/ruff.toml": "line-length = 40\n", "p/x.py": ""})
    environ = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home/.config")}
    environ["RUFF_OUTPUT_FILE"] = str(tmp_path / "p/out")
    text = "x = [1111111111, 2222222222, 3333333333, 4444444444]\n"
    assert formatted(tmp_path / "p", text, environ=environ) == text
    assert not (tmp_path / "p/out").exists()


def test_our_own_ruff_is_found():
    assert Path(find_ruff()).is_file()
    assert Path(find_ruff("/nonexistent/bin/python")).is_file(), "as the ruff package itself says"


def test_new_modules_of_a_package_that_is_there_are_first_party(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("")
    text = "from celery import app\n\nfrom config.correlation import Mine\n\nprint(app, Mine)\n"
    formatter = RuffFormatter(tmp_path, new=("config/correlation.py",))
    assert formatter.format("shop/tests/test_it.py", text) == text
