"""Which folder is the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from djroadmap.adapters.roots import find_root, manage_in, repository_root
from djroadmap.errors import NoProject
from tests.adapters.trees import build

MARK = ".djroadmap.toml"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path.resolve()


def root(place: Path, start: str, *, home: Path | None = None) -> str:
    return find_root(place / start, marks=(MARK,), home=home).relative_to(place).as_posix()


@pytest.mark.parametrize("start", [".", "acme", "acme/users", "docs"])
def test_a_repository_with_one_project_is_the_project_from_anywhere_in_it(place: Path, start: str):
    build(place, {".git/HEAD": "", "manage.py": "", "acme/users/models.py": "", "docs/x.md": ""})
    assert root(place, start) == "."


@pytest.mark.parametrize("start", [".", "backend", "backend/acme", "frontend"])
def test_also_where_manage_py_is_further_down(place: Path, start: str):
    build(
        place,
        {".git/HEAD": "", "backend/manage.py": "", "backend/acme/x.py": "", "frontend/package.json": ""},
    )
    assert root(place, start) == "."


def test_of_several_projects_the_one_the_user_stands_in(place: Path):
    build(place, {".git/HEAD": "", "a/manage.py": "", "a/app/x.py": "", "b/src/manage.py": "", "b/docs/": ""})
    assert root(place, "a") == root(place, "a/app") == "a"
    assert root(place, "b/src") == "b/src"
    assert root(place, "b/docs") == "b", "the first folder upwards that sees a project"
    assert root(place, ".") == "."


def test_an_explicit_folder_in_a_repository_with_other_projects(place: Path):
    build(place, {".git/HEAD": "", "manage.py": "", "fixtures/x/manage.py": "", "fixtures/x/x/": ""})
    assert root(place, "fixtures/x") == root(place, "fixtures/x/x") == "fixtures/x"
    assert root(place, ".") == "."


def test_what_was_set_up_once_keeps_its_root(place: Path):
    build(place, {".git/HEAD": "", "a/manage.py": "", f"a/{MARK}": "", "a/app/x.py": ""})
    assert root(place, "a/app") == "a"
    build(place, {"b/manage.py": "", "b/app/x.py": ""})
    assert root(place, "a") == "a"
    assert root(place, "b/app") == "b"
    build(place, {MARK: ""})
    assert root(place, "b/app") == "."
    assert root(place, "a/app") == "a"


def test_worktrees_and_submodules_have_a_git_file(place: Path):
    build(
        place,
        {".git/HEAD": "", "manage.py": "", "sub/.git": "gitdir: x", "sub/manage.py": "", "sub/app/x.py": ""},
    )
    assert root(place, "sub/app") == "sub"
    assert repository_root(place / "sub/app") == place / "sub"


def test_manage_py_in_noise_does_not_count(place: Path):
    build(
        place,
        {
            ".git/HEAD": "",
            "manage.py": "",
            "node_modules/x/manage.py": "",
            "venv/pyvenv.cfg": "",
            "venv/manage.py": "",
            ".hidden/manage.py": "",
            "a/b/c/d/manage.py": "",
            "acme/x.py": "",
        },
    )
    assert root(place, "acme") == "."


def test_without_a_repository_only_what_is_right_above_counts(place: Path):
    build(place, {"p/manage.py": "", "p/acme/users/x.py": "", "other/manage.py": "", "empty/": ""})
    assert root(place, "p/acme/users") == "p"
    assert root(place, "p") == "p"
    assert root(place, "empty") == "empty", "the neighbour is none of its business"
    assert root(place, ".") == "."


def test_without_a_project_the_repository_is_looked_at(place: Path):
    build(place, {"r/.git/HEAD": "", "r/a/b/": ""})
    assert root(place, "r/a/b") == "r"


def test_a_repository_of_the_home_folder_is_not_the_project(place: Path):
    build(
        place,
        {".git/HEAD": "", "manage.py": "", "code/p/manage.py": "", "code/p/acme/x.py": "", "code/none/": ""},
    )
    assert root(place, "code/p/acme", home=place) == "code/p"
    assert root(place, "code/none", home=place) == "code/none"
    assert root(place, ".", home=place) == ".", "unless the user stands right in it"


def test_a_link_to_the_project(place: Path):
    build(place, {"real/.git/HEAD": "", "real/manage.py": "", "link": "-> real"})
    assert root(place, "link") == "real"


@pytest.mark.parametrize("start", ["none", "file.txt"])
def test_no_folder_is_no_project(place: Path, start: str):
    build(place, {"file.txt": ""})
    with pytest.raises(NoProject, match="is not a folder"):
        find_root(place / start)


class TestMarksFurtherDown:
    """A project that was set up before the repository around it was made keeps its root."""

    FILES = {".git/HEAD": "", "backend/src/manage.py": "", "frontend/package.json": ""}  # noqa: RUF012

    @pytest.mark.parametrize("start", [".", "backend", "backend/src", "frontend"])
    def test_on_the_way_to_the_only_manage(self, place: Path, start: str):
        build(place, self.FILES | {f"backend/{MARK}": ""})
        assert root(place, start) == "backend"

    def test_beside_manage(self, place: Path):
        build(place, self.FILES | {f"backend/src/{MARK}": ""})
        assert root(place, ".") == "backend/src"

    def test_the_topmost_counts_from_above(self, place: Path):
        build(place, self.FILES | {f"backend/{MARK}": "", f"backend/src/{MARK}": ""})
        assert root(place, ".") == "backend"

    def test_elsewhere_it_does_not_count(self, place: Path):
        build(place, self.FILES | {f"frontend/{MARK}": ""})
        assert root(place, ".") == root(place, "backend") == "."

    def test_of_several_projects_the_one_that_is_named(self, place: Path):
        build(place, {".git/HEAD": "", "a/manage.py": "", f"a/{MARK}": "", "b/manage.py": ""})
        named = {
            name: find_root(place, marks=(MARK,), manage=name) for name in ("a", "a/manage.py", "b", "c")
        }
        assert named == {"a": place / "a", "a/manage.py": place / "a", "b": place, "c": place}
        assert root(place, ".") == "."


class TestRepositoriesFurtherDown:
    """The folder in which somebody keeps projects is none of them."""

    SHOP = {"shop/.git/HEAD": "", "shop/src/manage.py": "", "shop/docs/": "", "notes/": ""}  # noqa: RUF012

    @pytest.mark.parametrize("start", [".", "shop", "shop/src", "shop/docs"])
    def test_the_only_project(self, place: Path, start: str):
        build(place, self.SHOP)
        assert root(place, start) == "shop"

    def test_the_one_that_is_named(self, place: Path):
        build(place, self.SHOP | {"blog/.git/HEAD": "", "blog/manage.py": ""})
        named = {name: find_root(place, marks=(MARK,), manage=name) for name in ("shop/src", "blog", "no")}
        assert named == {"shop/src": place / "shop", "blog": place / "blog", "no": place}
        assert root(place, ".") == "."

    def test_one_of_several_in_a_repository(self, place: Path):
        build(place, self.SHOP | {"shop/blog/manage.py": ""})
        assert root(place, ".") == "."
        assert find_root(place, manage="shop/blog") == find_root(place / "shop/blog") == place / "shop/blog"

    @pytest.mark.parametrize("mark", [f"shop/{MARK}", f"shop/src/{MARK}"])
    def test_one_that_was_set_up(self, place: Path, mark: str):
        build(place, self.SHOP | {mark: ""})
        assert root(place, ".") == root(place, "shop") == str(Path(mark).parent)

    def test_what_was_set_up_in_the_folder_stays_there(self, place: Path):
        build(place, self.SHOP | {MARK: ""})
        assert root(place, ".") == "."

    def test_in_a_repository_one_further_down_does_not_count(self, place: Path):
        build(place, self.SHOP | {".git/HEAD": ""})
        assert root(place, ".") == "."

    def test_without_any_the_folder_is_the_root(self, place: Path):
        build(place, {"shop/src/manage.py": ""})
        assert root(place, ".") == "."


@pytest.mark.parametrize(
    ("start", "named", "found"),
    [
        (".", "a/manage.py", "a/manage.py"),
        (".", "a", "a/manage.py"),
        (".", "./a/", "a/manage.py"),
        ("a", "manage.py", "manage.py"),
        ("b", "src/manage.py", "b/src/manage.py"),
        (".", "gone/manage.py", "gone/manage.py"),
        (".", "../outside/manage.py", "../outside/manage.py"),
    ],
)
def test_what_manage_means(place: Path, start: str, named: str, found: str):
    build(place / "p", {"a/manage.py": "", "b/src/manage.py": "", "manage.py": ""})
    build(place, {"outside/manage.py": ""})
    assert manage_in(place / "p", place / "p" / start, named) == found


def test_manage_as_seen_from_above_the_root(place: Path):
    build(place, {"backend/src/manage.py": ""})
    assert manage_in(place / "backend", place, "backend/src/manage.py") == "src/manage.py"
    assert manage_in(place, place, None) is None


@pytest.mark.parametrize("repository", [{}, {".git/HEAD": ""}])
def test_the_home_folder_is_not_searched(place: Path, repository: dict[str, str]):
    build(place, {"code/shop/manage.py": "", **repository})
    with pytest.raises(NoProject, match=r"no manage\.py here, and your home folder is not searched"):
        root(place, ".", home=place)
    assert root(place, "code/shop", home=place) == "code/shop"


@pytest.mark.parametrize("right_in_it", ["manage.py", MARK])
def test_unless_it_is_the_project(place: Path, right_in_it: str):
    build(place, {right_in_it: ""})
    assert root(place, ".", home=place) == "."


def test_a_whole_disk_is_not_searched(place: Path):
    with pytest.raises(NoProject, match=r"/: no manage\.py here, and a whole disk is not searched"):
        find_root(Path("/"), marks=(MARK,), home=place)
