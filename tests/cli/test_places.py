"""Odd places on a real disk: where manage.py lies, links, repositories in repositories, files that resist."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from djroadmap.manifest import PATH as MANIFEST
from tests.adapters.trees import build, snapshot
from tests.cli_runner import Cli, Warm, git

if TYPE_CHECKING:
    from collections.abc import Mapping

MANAGE = "import os\n\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{}.settings')\n"
SETTINGS = (
    "INSTALLED_APPS = [\n    'django.contrib.auth',\n    'django.contrib.contenttypes',\n]\n\n"
    "MIDDLEWARE = [\n    'django.contrib.auth.middleware.AuthenticationMiddleware',\n]\n\n"
    "ROOT_URLCONF = '{}.urls'\n\nDEBUG = True\n"
)
AS_SOMEBODY = ("-c", "user.name=S", "-c", "user.email=s@example.com")


def django(prefix: str = "", package: str = "mysite") -> dict[str, str | bytes]:
    """The files of a project as startproject makes it, in the folder `prefix`."""
    return {
        f"{prefix}manage.py": MANAGE.format(package),
        f"{prefix}{package}/__init__.py": "",
        f"{prefix}{package}/settings.py": SETTINGS.format(package),
        f"{prefix}{package}/urls.py": "from django.urls import path\n\nurlpatterns = []\n",
        f"{prefix}requirements.txt": "Django==5.2\nasgiref\n",
    }


def place(tmp_path: Path, files: Mapping[str, str | bytes], *, name: str = "place") -> Warm:
    """The command on a repository with these files, all committed."""
    root = build(tmp_path / name, files)
    commit(root)
    return Warm(root, tmp_path / "state")


def commit(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, *AS_SOMEBODY, "commit", "-q", "--allow-empty", "-m", "Start")


def at(cli: Warm, path: str) -> Warm:
    return Warm(Path(f"{cli.project}/{path}"), cli.state)


def files(root: Path) -> dict[str, tuple[str, int, bytes]]:
    """Everything but what git keeps for itself."""
    return {
        path: found
        for path, found in snapshot(root).items()
        if ".git" not in path.split("/") or path == ".git"
    }


def round_trip(*clis: Cli, root: Path, flags: tuple[str, ...] = ()) -> set[str]:
    """Add, look, add again and remove from several places; the files that were touched. `flags` for `add` only."""
    before = files(root)
    touched: set[str] = set()
    for cli in clis:
        cli(*flags, "add", "waffle", "--yes")
        added = files(root)
        touched |= {path for path in added if added[path] != before.get(path)}
        for other in clis:
            assert other("status", "waffle", "--json").json["features"][0]["state"] == "installed"
            assert other("add", "waffle", "--yes", "--json").json["result"] == "unchanged"
            other("check")
        assert files(root) == added
        clis[clis.index(cli) - 1]("remove", "waffle", "--yes")
        assert files(root) == before
    return {path for path in touched if not (root / path).is_dir()}


def state(cli: Cli, *arguments: str) -> str:
    return str(cli(*arguments, "status", "waffle", "--json").json["features"][0]["state"])


# manage.py below the root


def test_manage_in_a_folder_is_the_same_project_from_everywhere(tmp_path: Path) -> None:
    cli = place(
        tmp_path, django("backend/") | {"README.md": "", "docs/a/b/": "", "backend/shop/deep/x.py": ""}
    )
    everywhere = [cli, *(at(cli, path) for path in ("backend", "backend/shop/deep", "docs/a/b"))]
    touched = round_trip(*everywhere, root=cli.project)
    assert MANIFEST in touched
    assert {"backend/mysite/settings.py", "backend/requirements.txt"} <= touched


TWO = django("shop/", "shop") | django("blog/", "blog") | {"docs/x.md": "", "README.md": ""}


def test_several_projects_have_to_be_told_apart(tmp_path: Path) -> None:
    cli = place(tmp_path, TWO)
    before = files(cli.project)
    for arguments in (("status",), ("add", "waffle", "--yes"), ("remove", "waffle", "--yes"), ("check",)):
        said = cli(*arguments, code=2).err
        assert "shop/manage.py" in said
        assert "blog/manage.py" in said
        assert "--manage" in said
    assert "no such file" in cli("--manage", "nowhere", "status", code=2).err
    assert files(cli.project) == before


@pytest.mark.parametrize("named", ["shop/manage.py", "shop", "./shop/"])
def test_the_manage_py_that_was_named_is_remembered(tmp_path: Path, named: str) -> None:
    cli = place(tmp_path, TWO)
    inside = [at(cli, path) for path in ("shop", "docs", "shop/shop")]
    touched = round_trip(cli, *inside[1:2], root=cli.project, flags=("--manage", named))
    assert "shop/shop/settings.py" in touched
    assert not any(path.startswith("blog") for path in touched)
    cli("--manage", named, "add", "waffle", "--yes")
    assert (cli.project / MANIFEST).read_text().count("manage.py") == 1
    assert [state(one) for one in (cli, *inside)] == ["installed"] * 4
    cli("add", "just", "--yes")
    cli("remove", "waffle", "--yes")
    assert 'manage = "shop/manage.py"' in (cli.project / MANIFEST).read_text()
    cli("remove", "just", "--yes")
    assert git(cli.project, "status", "--porcelain") == ""


def test_what_was_added_to_one_project_is_not_said_of_its_neighbour(tmp_path: Path) -> None:
    cli = place(tmp_path, TWO)
    before = files(cli.project)
    cli("--manage", "shop", "add", "waffle", "--yes")
    blog = at(cli, "blog")
    assert [state(blog), state(at(cli, "blog/blog")), state(cli, "--manage", "blog")] == ["available"] * 3
    cli("--manage", "blog/manage.py", "add", "waffle", "--yes")
    assert (cli.project / "blog" / MANIFEST).is_file()
    assert [state(blog), state(cli, "--manage", "blog"), state(cli)] == ["installed"] * 3
    assert blog("remove", "waffle", "--yes", "--json").json["result"] == "changed"
    assert [state(blog), state(cli, "--manage", "blog"), state(cli)] == [
        "available",
        "available",
        "installed",
    ]
    cli("remove", "waffle", "--yes")
    assert files(cli.project) == before


def test_a_remembered_manage_py_that_has_moved_is_looked_for_again(tmp_path: Path) -> None:
    cli = place(tmp_path, TWO)
    cli("--manage", "shop", "add", "waffle", "--yes")
    (cli.project / "shop").rename(cli.project / "store")
    assert "blog/manage.py, store/manage.py" in cli("status", code=2).err
    (cli.project / "blog/manage.py").unlink()
    assert state(cli) == "partial"


def test_one_project_needs_nothing_to_remember(tmp_path: Path) -> None:
    cli = place(tmp_path, django("backend/"))
    cli("--manage", "backend/manage.py", "add", "waffle", "--yes")
    assert "manage" not in (cli.project / MANIFEST).read_text().replace("manage.py migrate", "")


def test_a_second_project_that_came_later_can_be_told_apart_too(tmp_path: Path) -> None:
    cli = place(tmp_path, django("shop/", "shop"))
    cli("add", "waffle", "--yes")
    build(cli.project, django("blog/", "blog"))
    assert "--manage" in cli("status", code=2).err
    assert state(cli, "--manage", "shop") == "installed"
    cli("--manage", "shop", "add", "waffle", "--yes")
    assert state(cli) == "installed"
    cli("remove", "waffle", "--yes")
    assert not (cli.project / MANIFEST).exists()


def test_from_the_folder_in_which_projects_are_kept(tmp_path: Path) -> None:
    cli = place(tmp_path / "code", django("src/"), name="shop")
    code = Warm(tmp_path / "code", cli.state)
    round_trip(code, cli, root=cli.project)
    added = code("add", "waffle", "--yes")
    assert "not in git" not in added.err
    assert (cli.project / MANIFEST).is_file()
    cli("remove", "waffle", "--yes")
    blog = place(tmp_path / "code", django(), name="blog")
    assert "shop/src/manage.py" in code("status", code=2).err
    round_trip(blog, root=blog.project)
    before = files(blog.project)
    code("--manage", "shop/src", "add", "waffle", "--yes")
    assert [state(one) for one in (cli, blog)] == ["installed", "available"]
    assert state(code, "--manage", "shop/src/manage.py") == "installed"
    assert files(blog.project) == before


# How the place is named


def test_however_the_folder_is_named(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    (tmp_path / "link").symlink_to(cli.project)
    named = [at(cli, "/"), at(cli, "mysite/.."), Warm(tmp_path / "link", cli.state)]
    round_trip(*named, root=cli.project)
    for folder, argument in ((tmp_path, "place/"), (tmp_path, "./link/"), (cli.project / "mysite", "..")):
        ran = subprocess.run(
            [*cli.argv, "-C", argument, "status", "waffle", "--json"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f'"root": "{cli.project.resolve()}"' in ran.stdout


def test_the_working_directory_may_be_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f"cd {folder} && rmdir {folder} && exec {' '.join(Cli(folder, tmp_path).argv)} status"
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 3, ran.stderr
    assert "the working directory is gone" in ran.stderr


def test_spaces_and_other_alphabets(tmp_path: Path) -> None:
    cli = place(tmp_path, django("src dir/"), name="Größe & Mut 'n' 日本 $HOME")
    build(cli.project, {"src dir/Käse.py": "x = 1\n", "src dir/leer zeichen/ü.txt": "ü"})
    commit(cli.project)
    round_trip(cli, at(cli, "src dir"), root=cli.project)
    settings = cli.project / "src dir/mysite/settings.py"
    settings.write_text(settings.read_text() + "# mine\n")
    refused = cli("add", "waffle", "--yes", code=3)
    assert "git stash push -- 'src dir/mysite/settings.py'" in refused.err


# Links


def test_settings_behind_a_link_inside_the_project(tmp_path: Path) -> None:
    spread = django()
    spread["shared/settings.py"] = spread["mysite/settings.py"]
    spread["mysite/settings.py"] = "-> ../shared/settings.py"
    cli = place(tmp_path, spread)
    touched = round_trip(cli, root=cli.project)
    assert "shared/settings.py" in touched
    assert "mysite/settings.py" not in touched
    (cli.project / "shared/settings.py").write_text(str(spread["shared/settings.py"]) + "# mine\n")
    assert "uncommitted changes" in cli("add", "waffle", "--yes", code=3).err


def test_settings_behind_a_link_that_leaves_the_project(tmp_path: Path) -> None:
    spread = django()
    build(tmp_path, {"elsewhere/settings.py": str(spread["mysite/settings.py"])})
    spread["mysite/settings.py"] = "-> ../../elsewhere/settings.py"
    cli = place(tmp_path, spread)
    before = files(tmp_path)
    assert "mysite" in cli("add", "waffle", "--yes", code=3).err
    cli("status", code=None)
    assert {path: found for path, found in files(tmp_path).items() if not path.startswith("state")} == before


def test_other_files_behind_a_link_that_leaves_the_project(tmp_path: Path) -> None:
    spread = django()
    build(tmp_path, {"elsewhere/requirements.txt": "Django==5.2\n"})
    spread["requirements.txt"] = "-> ../elsewhere/requirements.txt"
    cli = place(tmp_path, spread)
    cli("add", "waffle", "--yes", code=None)
    assert (tmp_path / "elsewhere/requirements.txt").read_text() == "Django==5.2\n"


def test_folders_that_contain_themselves(tmp_path: Path) -> None:
    loops: dict[str, str | bytes] = {"mysite/up": "-> ..", "mysite/me": "-> .", "a/b": "-> ../a", "x": "-> x"}
    cli = place(tmp_path, django() | loops)
    round_trip(cli, root=cli.project)


# Repositories


def test_a_worktree(tmp_path: Path) -> None:
    main = place(tmp_path, django("backend/"))
    git(main.project, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    tree = Warm(tmp_path / "tree", main.state)
    round_trip(tree, at(tree, "backend"), root=tree.project)
    settings = tree.project / "backend/mysite/settings.py"
    settings.write_text(settings.read_text() + "# mine\n")
    assert "uncommitted changes" in tree("add", "waffle", "--yes", code=3).err
    main("add", "waffle", "--yes")


@pytest.fixture
def submodule(tmp_path: Path) -> Cli:
    """A project that is a submodule, in the folder `services/site` of a repository with a project of its own."""
    inner = place(tmp_path, django(), name="inner")
    outer = place(tmp_path, django("own/", "own") | {"README.md": "x\n"}, name="outer")
    add = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.project), "services/site")
    git(outer.project, *add)
    git(outer.project, *AS_SOMEBODY, "commit", "-q", "-m", "Submodule")
    return outer


def test_a_project_that_is_a_submodule(submodule: Cli) -> None:
    site = at(submodule, "services/site")
    round_trip(site, at(site, "mysite"), root=submodule.project)
    (submodule.project / "README.md").write_text("mine\n")
    assert "uncommitted" not in site("add", "waffle", "--yes").err
    site("remove", "waffle", "--yes")
    settings = site.project / "mysite/settings.py"
    settings.write_text(settings.read_text() + "# mine\n")
    assert "mysite/settings.py: has uncommitted changes" in site("add", "waffle", "--yes", code=3).err


def test_a_project_that_contains_a_submodule(submodule: Cli) -> None:
    root = submodule.project
    round_trip(submodule, root=root, flags=("--manage", "own"))
    round_trip(at(submodule, "own"), root=root)
    build(root, {"services/site/mysite/settings.py": "mine\n"})
    submodule("--manage", "own", "add", "waffle", "--yes")
    submodule("remove", "waffle", "--yes")
    refused = submodule("--manage", "services/site", "add", "waffle", "--yes", code=3)
    assert "settings.py" in refused.err


def test_a_submodule_that_is_not_there_yet(submodule: Cli, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(submodule.project), "clone")
    clone = Warm(tmp_path / "clone", submodule.state)
    round_trip(clone, root=clone.project)


def test_git_that_refuses_is_not_taken_for_clean(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    fake = build(
        tmp_path / "bin",
        {
            "git": "#!/bin/sh\necho \"fatal: detected dubious ownership in repository at '/x'\n"
            'To add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /x" >&2\n'
            "exit 128\n"
        },
    )
    (fake / "git").chmod(0o755)
    path = {"PATH": f"{fake}{os.pathsep}{os.environ['PATH']}"}
    before = files(cli.project)
    refused = cli("add", "waffle", "--yes", code=3, env=path)
    assert "dubious ownership" in refused.err
    assert "git config --global --add safe.directory /x" in refused.err
    assert "--allow-dirty" in refused.err
    assert "not in git" not in refused.err
    assert cli("add", "waffle", "--yes", "--json", code=3, env=path).json["result"] == "refused"
    assert files(cli.project) == before
    assert state(cli) == "available"
    cli("add", "waffle", "--yes", "--allow-dirty", env=path)
    refused = cli("remove", "waffle", "--yes", code=3)
    assert "uncommitted" in refused.err, "nobody could tell then, so it is not taken for ours now"
    cli("remove", "waffle", "--yes", "--allow-dirty", env=path)
    assert files(cli.project) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_project_that_is_somebody_elses(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    for path in (cli.project, *cli.project.rglob("*")):
        os.chown(path, 12345, 12345)
    before = files(cli.project)
    refused = cli("add", "waffle", "--yes", code=3, env={"HOME": str(tmp_path), "SUDO_UID": ""})
    assert "dubious ownership" in refused.err
    assert files(cli.project) == before
    trusting = {"HOME": str(build(tmp_path / "home", {".gitconfig": "[safe]\n\tdirectory = *\n"}))}
    cli("add", "waffle", "--yes", env=trusting)
    owners = {path.name: path.stat().st_uid for path in cli.project.rglob("settings.py")}
    assert owners == {"settings.py": 12345}
    cli("remove", "waffle", "--yes", env=trusting)
    assert files(cli.project) == before


def test_no_git_at_all_is_one_line_of_warning(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    shutil.rmtree(cli.project / ".git")
    before = files(cli.project)
    added = cli("add", "waffle", "--yes")
    (line,) = added.err.splitlines()
    assert "this project is not in git" in line
    assert "git add" not in added.out
    cli("remove", "waffle", "--yes")
    assert files(cli.project) == before


def test_without_the_program_git(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    added = cli("add", "waffle", "--yes", env={"PATH": str(tmp_path)})
    assert "git is not installed" in added.err
    assert "not in git" not in added.err


# Files that resist


def test_a_read_only_file_is_refused_before_the_diff(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    (cli.project / "mysite/settings.py").chmod(0o444)
    before = files(cli.project)
    for flags in (("--yes",), ("--dry-run",), ("--yes", "--partial")):
        refused = cli("add", "waffle", *flags, code=3)
        assert "mysite/settings.py: is read-only" in refused.err
        assert "chmod u+w mysite/settings.py" in refused.err
        assert "+++" not in refused.out
    document = cli("add", "waffle", "--yes", "--json", code=3).json
    assert (document["feature"], document["result"]) == ("waffle", "refused")
    assert document["problems"][0]["path"] == "mysite/settings.py"
    assert files(cli.project) == before
    (cli.project / "mysite/settings.py").chmod(0o644)
    round_trip(cli, root=cli.project)


def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    cli = place(tmp_path, django())
    (cli.project / "mysite").chmod(0o555)
    before = files(cli.project)
    refused = cli("add", "waffle", "--yes", code=3)
    assert "mysite: is a read-only folder" in refused.err
    assert files(cli.project) == before
    assert state(cli) == "available"
    (cli.project / "mysite").chmod(0o755)


def test_windows_line_endings_and_no_final_newline(tmp_path: Path) -> None:
    spread = {
        path: str(text).rstrip("\n").replace("\n", "\r\n").encode() if text else b""
        for path, text in django().items()
    }
    spread[".gitattributes"] = b"* -text"
    cli = place(tmp_path, spread)
    before = files(cli.project)
    cli("add", "waffle", "--yes")
    for path in ("mysite/settings.py", "requirements.txt"):
        text = (cli.project / path).read_bytes()
        assert before[path][2] != text
        assert text.count(b"\n") == text.count(b"\r\n")
        assert not text.endswith(b"\n")
    assert cli("add", "waffle", "--yes", "--json").json["result"] == "unchanged"
    manifest = cli.project / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b"\n", b"\r\n"))  # as git may check it out
    cli("check")
    cli("remove", "waffle", "--yes", "--allow-dirty")
    assert files(cli.project) == before


def test_settings_that_git_lfs_keeps_elsewhere(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    cli = place(tmp_path, django() | {"mysite/settings.py": pointer, "static/logo.py": pointer})
    before = files(cli.project)
    refused = cli("add", "waffle", "--yes", code=3)
    assert "mysite/settings.py:1" in refused.err
    assert files(cli.project) == before
    elsewhere = place(
        tmp_path, django() | {"static/logo.py": pointer, "requirements.in": pointer}, name="other"
    )
    elsewhere("add", "waffle", "--yes", code=None)
    assert (elsewhere.project / "requirements.in").read_text() == pointer


# What is not the project's


def test_what_is_installed_in_the_project_is_not_looked_at(tmp_path: Path) -> None:
    trap = django("node_modules/pkg/") | django("env311/lib/site-packages/demo/") | {"env311/pyvenv.cfg": ""}
    trap |= {
        "frontend/node_modules/.bin/x": "",
        "env311/bin/python": "",
        "build/manage.py": MANAGE.format("x"),
    }
    cli = place(tmp_path, django() | trap)
    round_trip(cli, at(cli, "mysite"), root=cli.project)


def test_a_huge_folder_of_packages_is_not_walked(tmp_path: Path) -> None:
    cli = place(tmp_path, django() | {"frontend/package.json": "{}\n"})
    for path in ("node_modules/a/b", "frontend/node_modules/c/d", "venv39/lib/python3.9"):
        (cli.project / path).mkdir(parents=True)
    (cli.project / "venv39/pyvenv.cfg").touch()
    listed = traced(cli, tmp_path, "status", "--json")
    assert str(cli.project / "mysite") in listed
    assert not [path for path in listed if "node_modules" in path or "venv39/" in path]
    added = traced(cli, tmp_path, "add", "waffle", "--yes", "--json")
    assert not [path for path in added if "node_modules" in path or "venv39/" in path]


def traced(cli: Cli, tmp_path: Path, *arguments: str) -> set[str]:
    """The folders that a run lists."""
    log = tmp_path / "listed"
    log.write_text("")
    hook = (
        "import os, sys\n"
        f"def hook(event, args):\n    if event in ('os.scandir', 'os.listdir'):\n"
        f"        fd = os.open({str(log)!r}, os.O_WRONLY | os.O_APPEND)\n"
        "        os.write(fd, (str(args[0]) + '\\n').encode())\n        os.close(fd)\n"
        "sys.addaudithook(hook)\n"
    )
    folder = build(tmp_path / "hook", {"sitecustomize.py": hook})
    Cli(cli.project, cli.state)(*arguments, env={"PYTHONPATH": str(folder)})
    return set(log.read_text().splitlines())


@pytest.mark.parametrize(
    "arguments", [("status",), ("check",), ("add", "waffle", "--yes"), ("info", "waffle")]
)
def test_a_whole_disk_is_no_project(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    cli = Cli(Path("/"), tmp_path / "state")
    if arguments[0] == "info":
        assert "waffle" in cli(*arguments).out
    else:
        assert "✖ /: no manage.py here, and a whole disk is not searched" in cli(*arguments, code=3).err


def test_any_folder_is_not_walked_to_its_end(tmp_path: Path) -> None:
    """A generator's file far down is not found, where it would be in a repository."""
    far = {"a/b/c/d/cookiecutter.json": "", "a/b/c/d/manage.py-tpl": ""}
    build(tmp_path / "any", far)
    build(tmp_path / "repository", {".git/HEAD": "", **far})
    assert (
        "no manage.py of a Django project here" in Cli(tmp_path / "any", tmp_path / "s")("status", code=3).err
    )
    assert "is part of a template" in Cli(tmp_path / "repository", tmp_path / "s")("status", code=3).err
