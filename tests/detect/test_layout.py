from __future__ import annotations

import pytest

from djroadmap.errors import NoProject, UsageError

from .samples import SETTINGS, found, manage, plain


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{path}": text for path, text in files.items()}


@pytest.mark.parametrize("folder", ["src", "backend", "services/shop", "a/b/c"])
def test_manage_is_found_in_folders(folder: str) -> None:
    project = found(below(folder, plain()))
    assert (project.manage, project.base) == (f"{folder}/manage.py", folder)
    assert project.settings.base.path == f"{folder}/shop/settings.py"
    assert project.settings.base.module == "shop.settings"
    assert project.apps.local[0].path == f"{folder}/shop/orders"
    assert project.urlconf is not None and project.urlconf.path == f"{folder}/shop/urls.py"
    assert (project.name, project.package) == ("shop", f"{folder}/shop")
    assert project.join("tests", "x.py") == f"{folder}/tests/x.py"


@pytest.mark.parametrize(
    "folder",
    [
        "a/b/c/d",
        "tests",
        "tests/project",
        "docs/example",
        "vendor/thing",
        "x/site-packages/y",
        "{{cookiecutter.slug}}",
        "node_modules/x",
        ".venv/lib",
    ],
)
def test_manage_elsewhere_does_not_count(folder: str) -> None:
    with pytest.raises(NoProject) as error:
        found(below(folder, plain()))
    assert "manage.py" in error.value.message and error.value.hint
    assert found(plain() | below(folder, plain())).manage == "manage.py"


def test_a_virtual_environment_of_any_name_is_left_out() -> None:
    files = plain() | {
        "myenv/pyvenv.cfg": "home = /usr\n",
        "myenv/project/manage.py": manage("other.settings"),
    }
    assert found(files).manage == "manage.py"


@pytest.mark.parametrize(
    "text",
    [
        "from flask_script import Manager\n",
        "",
        "print('{{ project_name }}')  # django\n",
        "{% if x %}django{% endif %}\n",
    ],
)
def test_a_manage_that_is_not_djangos_does_not_count(text: str) -> None:
    with pytest.raises(NoProject):
        found({"manage.py": text})
    assert found(plain() | {"other/manage.py": text}).manage == "manage.py"


def test_several_are_listed() -> None:
    with pytest.raises(UsageError) as error:
        found(below("one", plain()) | below("two", plain()))
    assert "one/manage.py, two/manage.py" in error.value.message
    assert "--manage one/manage.py" in error.value.hint


def test_a_lot_of_them_is_not_listed_whole() -> None:
    with pytest.raises(UsageError) as error:
        found({path: text for number in range(12) for path, text in below(f"p{number:02}", plain()).items()})
    assert error.value.message.endswith(
        ": " + ", ".join(f"p{n:02}/manage.py" for n in range(10)) + " and 2 more"
    )


@pytest.mark.parametrize("named", ["two/manage.py", "./two/manage.py", "two", "two/"])
def test_one_of_several_is_named(named: str) -> None:
    assert found(below("one", plain()) | below("two", plain()), manage=named).manage == "two/manage.py"


def test_a_named_one_may_be_anywhere() -> None:
    assert found(below("tests/project", plain()), manage="tests/project").base == "tests/project"


def test_a_named_one_that_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"three/manage.py: no such file"):
        found(plain(), manage="three/manage.py")


def test_a_named_one_below_a_folder_of_tests_starts_its_own_project() -> None:
    files = plain() | below("tests/project", plain(manage=manage("demo.settings")))
    files |= {"tests/project/demo/settings.py": SETTINGS}
    assert found(files, manage="tests/project").settings.entry == "demo.settings"


@pytest.mark.parametrize(
    ("more", "layout"),
    [
        ({}, "startproject"),
        ({"shop/audit_settings.py": "AUDIT = True\nINSTALLED_APPS_X = 1\n"}, "startproject"),
        ({"shop/local_settings.py": "DEBUG = True\n"}, "startproject"),
        ({"shop/settings_prod.py": "from .settings import *\n"}, "other"),
        ({"shop/test_settings.py": "from .settings import *\n"}, "other"),
    ],
)
def test_a_plain_project_stays_plain_with_a_few_settings_moved_out(more: dict[str, str], layout: str) -> None:
    text = "from .audit_settings import *\ntry:\n    from .local_settings import *\nexcept ImportError:\n    pass\n"
    files = plain(settings=SETTINGS + text) | more
    assert found(files).layout == layout


@pytest.mark.parametrize("path", ["settings.py", "a/b/settings.py", "shop/conf.py"])
def test_settings_elsewhere_are_another_layout(path: str) -> None:
    module = path.removesuffix(".py").replace("/", ".")
    files = plain(manage=manage(module)) | {path: SETTINGS}
    del files["shop/settings.py"]
    assert found(files).layout == "other"


def test_an_empty_tree() -> None:
    with pytest.raises(NoProject):
        found({})
