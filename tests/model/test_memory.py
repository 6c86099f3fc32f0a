from __future__ import annotations

import pytest

from djroadmap.errors import Unrecognised
from djroadmap.model.memory import MemoryTree


def test_files_are_sorted() -> None:
    assert MemoryTree({"b": "", "a/c": "", "a.txt": "", "a/b/d": ""}).files() == (
        "a.txt",
        "a/b/d",
        "a/c",
        "b",
    )


@pytest.mark.parametrize(
    "folder",
    [
        ".git",
        "node_modules",
        ".venv",
        "x/__pycache__",
        "x.egg-info",
        "dist",
        "build",
        "a/site-packages",
        ".tox/py313",
    ],
)
def test_noise_is_left_out_but_can_be_read(folder: str) -> None:
    tree = MemoryTree({f"{folder}/x.py": "1", "y.py": ""})
    assert tree.files() == ("y.py",)
    assert tree.exists(f"{folder}/x.py") and tree.read(f"{folder}/x.py") == "1"


@pytest.mark.parametrize("folder", ["build", "dist", "venv"])
def test_packages_with_such_names_stay(folder: str) -> None:
    assert MemoryTree({f"{folder}/__init__.py": ""}).files() == (f"{folder}/__init__.py",)


def test_a_virtual_environment_of_any_name() -> None:
    assert MemoryTree({"myenv/pyvenv.cfg": "", "myenv/lib/x.py": "", "env/x.py": ""}).files() == ("env/x.py",)


def test_reading() -> None:
    tree = MemoryTree(
        {"a": "caf\xe9\r\n", "b": b"\xef\xbb\xbfx", "c": "\ufeffy".encode("utf-16-le"), "d/e": ""}
    )
    assert (tree.read("a"), tree.read("b"), tree.read("c"), tree.read("gone")) == (
        "caf\xe9\r\n",
        "x",
        "y",
        None,
    )
    assert (tree.raw("a"), tree.raw("gone"), tree.raw("d")) == ("caf\xe9\r\n".encode(), None, None)
    assert tree.exists("a") and not tree.exists("d")
    assert (
        tree.has_folder("d") and tree.has_folder("") and not tree.has_folder("a") and not tree.has_folder("x")
    )


def test_what_cannot_be_decoded() -> None:
    with pytest.raises(Unrecognised, match=r"bad: cannot be decoded"):
        MemoryTree({"bad": b"\xff\xfe\xff"}).read("bad")
