"""Environments are found, and what is in them is read without running them."""

from __future__ import annotations

from pathlib import Path

from djroadmap.adapters.environments import environments
from tests.adapters.trees import build, closed

SITE = "lib/python3.13/site-packages"


def environment(home: Path, **files: str) -> Path:
    return build(
        home,
        {
            "pyvenv.cfg": "",
            "bin/python": "",
            f"{SITE}/Django-5.2.9.dist-info/METADATA": "",
            f"{SITE}/django_waffle-5.0.0.dist-info/METADATA": "",
            f"{SITE}/zope.interface-7.0-py3.13.egg-info": "",
            **{f"{SITE}/{name}": text for name, text in files.items()},
        },
    )


def test_those_of_the_project_the_usual_name_first(tmp_path: Path) -> None:
    for name in ("aaa", "venv", ".venv"):
        environment(tmp_path / name)
    found = environments([tmp_path], {"PATH": ""})
    assert [Path(one.home).name for one in found] == [".venv", "venv", "aaa"]
    assert not any(one.active for one in found)
    assert found[0].python == str(tmp_path / ".venv/bin/python")


def test_what_is_installed(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    (found,) = environments([tmp_path], {"PATH": ""})
    assert found.distributions == {"django": "5.2.9", "django-waffle": "5.0.0", "zope-interface": "7.0"}


def test_the_active_one_comes_first_and_once(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    active = environment(tmp_path / "elsewhere")
    environ = {"VIRTUAL_ENV": str(active), "PATH": str(active / "bin")}
    (active / "bin/python").chmod(0o755)
    found = environments([tmp_path / "elsewhere", tmp_path], environ)
    assert [(Path(one.home).name, one.active) for one in found] == [("elsewhere", True), (".venv", False)]


def test_conda_and_the_python_of_a_container_are_active_too(tmp_path: Path) -> None:
    conda = environment(tmp_path / "conda")
    local = environment(tmp_path / "local")
    (local / "bin/python").chmod(0o755)
    found = environments([], {"CONDA_PREFIX": str(conda), "PATH": str(local / "bin")})
    assert [(Path(one.home).name, one.active) for one in found] == [("conda", True), ("local", True)]


def test_one_without_django_is_not_the_projects(tmp_path: Path) -> None:
    build(tmp_path / ".venv", {"pyvenv.cfg": "", "bin/python": "", f"{SITE}/pip-26.dist-info/METADATA": ""})
    build(tmp_path / "venv", {"pyvenv.cfg": ""})
    assert environments([tmp_path, tmp_path / "nothing"], {"PATH": ""}) == ()


def test_folders_that_are_closed_to_us_are_none() -> None:
    with closed({"data/pyvenv.cfg": "", "data/bin/python": ""}, "data") as root:
        assert environments([root], {"PATH": "", "VIRTUAL_ENV": str(root / "data")}) == ()


def test_folders_that_it_imports_from(tmp_path: Path) -> None:
    editable = "MAPPING: dict[str, str] = {'shop': '/srv/shop/src/shop'}\n"
    files = {"_shop.pth": "/srv/src\nimport nothing\n", "__editable___shop_finder.py": editable}
    environment(tmp_path / ".venv", **files)
    (found,) = environments([tmp_path], {"PATH": ""})
    assert set(found.sources) == {"/srv/src", "/srv/shop/src"}
