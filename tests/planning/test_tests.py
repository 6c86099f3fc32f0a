"""A feature's tests go where the project's fixtures are seen and its runner looks."""

from __future__ import annotations

import pytest

from djroadmap.planning.tests import new_test, path_of_test, run_tests, uses_pytest
from tests.features.small import SMALL, Files, moved, project, pyproject

PYTEST = pyproject("pytest", "pytest-django")
USER = "import pytest\n\n\n@pytest.fixture\ndef user(db):\n    return None\n"


def installed(*apps: str) -> Files:
    """The small project with apps of its own."""
    settings = str(SMALL["shop/settings.py"])
    names = "".join(f'    "{app.replace("/", ".")}",\n' for app in apps)
    files = {"shop/settings.py": settings.replace("INSTALLED_APPS = [\n", f"INSTALLED_APPS = [\n{names}")}
    return {**SMALL, **files, **{f"{app}/__init__.py": "" for app in apps}}


def place(files: Files) -> str:
    return path_of_test(project(files), "test_it.py")


@pytest.mark.parametrize(
    ("apps", "more", "expected"),
    [
        (["shop/core"], {"tests/test_all.py": ""}, "shop/core/tests/test_it.py"),
        (["shop/users"], {"tests/test_all.py": ""}, "tests/test_it.py"),
        (["shop/users"], {}, "shop/users/tests/test_it.py"),
        (
            ["shop/users"],
            {"shop/users/tests/test_it.py": "", "tests/test_all.py": ""},
            "shop/users/tests/test_it.py",
        ),
    ],
)
def test_what_does_not_need_the_user_is_with_the_tests_of_the_whole(
    apps: list[str], more: Files, expected: str
) -> None:
    files = installed(*apps) | PYTEST | {"shop/conftest.py": USER, "shop/users/tests/__init__.py": ""} | more
    assert path_of_test(project(files), "test_it.py", needs_user=False) == expected


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        ("", "config/api/tests/test_it.py"),
        ('\n[tool.pytest.ini_options]\ntestpaths = ["shop"]\n', "shop/tests/test_it.py"),
    ],
)
def test_a_package_has_its_tests_beside_it_where_they_are_found(roots: str, expected: str) -> None:
    files = SMALL | {"pyproject.toml": str(PYTEST["pyproject.toml"]) + roots}
    assert path_of_test(project(files), "test_it.py", home="config/api") == expected


def created(files: Files) -> list[str]:
    return [edit.path for edit in new_test(project(files), "just", "just/dev.just", name="test_it.py").edits]


def test_the_runner() -> None:
    assert not uses_pytest(project(SMALL))
    assert uses_pytest(project(SMALL | PYTEST))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (SMALL, "shop/tests/test_it.py"),
        (SMALL | {"tests/__init__.py": ""}, "tests/test_it.py"),
        (SMALL | {"tests/fixtures.json": "{}"}, "shop/tests/test_it.py"),
        (SMALL | PYTEST | {"tests/test_all.py": ""}, "tests/test_it.py"),
        (moved("backend"), "backend/shop/tests/test_it.py"),
        (
            moved("backend") | {"backend/tests/__init__.py": "", "tests/__init__.py": ""},
            "backend/tests/test_it.py",
        ),
        (installed("cart", "orders") | {"cart/tests/__init__.py": ""}, "shop/tests/test_it.py"),
    ],
)
def test_without_a_user_fixture_it_is_the_projects_package(files: Files, expected: str) -> None:
    assert place(files) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (installed("shop/core", "shop/users"), "shop/core/tests/test_it.py"),
        (installed("shop/users") | {"shop/users/tests/__init__.py": ""}, "shop/users/tests/test_it.py"),
        (installed("shop/core") | {"shop/core/tests.py": ""}, "shop/core/test_it.py"),
        (installed("shop/users"), "shop/tests/test_it.py"),
        (installed("shop/users", "core"), "shop/tests/test_it.py"),
        (
            installed("shop/users") | {"tests/__init__.py": "", "shop/users/tests/__init__.py": ""},
            "shop/users/tests/test_it.py",
        ),
    ],
)
def test_it_is_where_the_user_fixture_is_seen(files: Files, expected: str) -> None:
    assert place(files | PYTEST | {"shop/conftest.py": USER}) == expected


def test_a_conftest_in_the_tests_folder_itself() -> None:
    assert place(SMALL | PYTEST | {"tests/conftest.py": USER}) == "tests/test_it.py"


def test_a_conftest_at_the_root() -> None:
    assert place(SMALL | PYTEST | {"conftest.py": USER}) == "tests/test_it.py"


def test_it_stays_where_it_is() -> None:
    files = SMALL | {"shop/tests/test_it.py": "", "tests/__init__.py": ""}
    assert place(files) == "shop/tests/test_it.py"


def test_a_new_folder_is_a_package() -> None:
    assert created(SMALL) == ["shop/tests/__init__.py", "shop/tests/test_it.py"]


def test_an_empty_package_file_is_shared() -> None:
    files = SMALL | {"tests/__init__.py": ""}
    assert created(files) == ["tests/__init__.py", "tests/test_it.py"]


@pytest.mark.parametrize(
    "files",
    [{"tests/__init__.py": "# mine\n"}, PYTEST | {"tests/test_all.py": ""}],
    ids=["with-content", "rootdir-style"],
)
def test_the_users_package_file_or_the_lack_of_one_stays(files: Files) -> None:
    assert created(SMALL | files) == ["tests/test_it.py"]


def configured(*lines: str) -> Files:
    return PYTEST | {"pytest.ini": "\n".join(["[pytest]", *lines, ""])}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (configured("testpaths = shop"), "shop/tests/test_it.py"),
        (configured("testpaths = ."), "shop/tests/test_it.py"),
        (configured("testpaths = gone"), "shop/tests/test_it.py"),
        (configured("testpaths = cart/tests") | {"cart/tests/test_a.py": ""}, "cart/tests/test_it.py"),
        (configured("testpaths =", "    docs", "    cart") | {"docs/a.py": ""}, "cart/tests/test_it.py"),
        (configured("testpaths = cart") | {"cart/tests.py": ""}, "cart/test_it.py"),
    ],
)
def test_it_is_where_pytest_is_told_to_look(files: Files, expected: str) -> None:
    assert place(installed("cart") | files) == expected


def test_in_the_other_files_of_pytest() -> None:
    toml = str(PYTEST["pyproject.toml"]) + '\n[tool.pytest.ini_options]\ntestpaths = ["cart"]\n'
    assert place(installed("cart") | {"pyproject.toml": toml}) == "cart/tests/test_it.py"
    cfg = {"setup.cfg": "[tool:pytest]\ntestpaths = cart\n"}
    assert place(installed("cart") | PYTEST | cfg) == "cart/tests/test_it.py"


@pytest.mark.parametrize(
    ("patterns", "name"),
    [
        ("tests.py test_*.py", "test_it.py"),
        ("tests.py *_tests.py", "it_tests.py"),
        ("*_test.py", "it_test.py"),
        ("check_*.py", "test_it.py"),
    ],
)
def test_it_is_named_as_pytest_is_told(patterns: str, name: str) -> None:
    assert place(SMALL | configured(f"python_files = {patterns}")) == f"shop/tests/{name}"


def workflow(run: str) -> Files:
    return {".github/workflows/ci.yml": f"jobs:\n  test:\n    steps:\n      - run: {run}\n"}


def test_it_is_where_ci_looks() -> None:
    assert place(installed("cart") | workflow("python manage.py test cart")) == "cart/tests/test_it.py"
    assert place(installed("cart") | workflow("python manage.py test")) == "shop/tests/test_it.py"


def test_the_runner_of_ci_counts() -> None:
    assert not uses_pytest(project(SMALL | PYTEST | workflow("python manage.py test")))
    assert uses_pytest(project(SMALL | PYTEST | workflow("pytest")))
    assert uses_pytest(project(SMALL | PYTEST | workflow("make test")))


@pytest.mark.parametrize("home", ["tests/models", "cart", "cart/tests/functional"])
def test_a_fixture_for_a_part_only_says_nothing(home: str) -> None:
    files = installed("cart", "orders") | PYTEST | {"tests/test_a.py": "", f"{home}/conftest.py": USER}
    assert place(files) == "tests/test_it.py"


def test_the_outermost_fixture_counts() -> None:
    files = installed("shop/users") | PYTEST | {"conftest.py": USER, "shop/users/tests/conftest.py": USER}
    assert place(files) == "shop/users/tests/test_it.py"
    assert project(files).tests.user_fixture == "conftest.py"


def test_a_module_called_tests_is_not_shadowed() -> None:
    assert place(SMALL | {"shop/tests.py": ""}) == "shop/test_it.py"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (SMALL, "python manage.py test shop.tests.test_it shop.tests"),
        (SMALL | PYTEST, "pytest shop/tests/test_it.py shop/tests"),
        (moved("server"), "python manage.py test shop.tests.test_it shop.tests"),
        (
            moved("server") | {f"server/{path}": text for path, text in PYTEST.items()},
            "pytest shop/tests/test_it.py shop/tests",
        ),
    ],
)
def test_they_are_run_from_the_folder_of_manage_py(files: Files, expected: str) -> None:
    here = project(files)
    tests = (here.join("shop/tests/test_it.py"), here.join("shop/tests"))
    ran = run_tests(here, *tests, why="test it")
    assert (" ".join(ran.argv), ran.cwd, ran.why) == (expected, here.base, "test it")
