"""A feature grows with its project: what has come since is seen, covered, and taken back with the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from djroadmap.catalog import Catalog
from djroadmap.edits.files import WholeFile
from djroadmap.edits.lines import Line
from djroadmap.errors import Unrecognised
from djroadmap.model.feature import Feature, Growth, Missing
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.workflow.status import drift, statuses
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.memory import Memory
from tests.workflow.test_flow import PROJECT

if TYPE_CHECKING:
    from djroadmap.model.project import Project
    from djroadmap.workflow.prepared import Prepared
    from djroadmap.workflow.status import FeatureStatus

LIST = "list.txt"


def things(project: Project) -> list[str]:
    return [path for path in project.tree.files() if path.endswith(".thing")]


def plan(project: Project, options: Any) -> Plan:
    content = "".join(f"{path}\n" for path in ("these things:", *things(project)))
    return Plan(
        (WholeFile(path=LIST, content=content), Line(path=".gitignore", line="a")),
        commands=(Command(argv=("echo", "first"), why="to see"),),
        todos=(Todo(text="only once"),),
    )


def growth(project: Project, options: Any) -> Growth | None:
    listed = (project.tree.read(LIST) or "").splitlines()
    new = [path for path in things(project) if path not in listed]
    if not new:
        return None

    def grown() -> Plan:
        if any("bad" in path for path in new):
            raise Unrecognised(path=new[0], line=1, why="is a bad thing")
        return Plan(tuple(Line(path=LIST, line=path) for path in new), commands=(Command(("grow",), "it"),))

    return Growth(tuple(Missing(LIST, f"{path} is not listed") for path in new), grown)


def feature(name: str = "a", **changes: Any) -> Feature:
    values: dict[str, Any] = {"version": 1, "docs": "", "plan": plan, "growth": growth, **changes}
    return Feature(id=name, title=name, summary=name, group="API", **values)


def memory(*others: Feature) -> Memory:
    return Memory({**PROJECT, "x.thing": b""}, Catalog.of([feature(), *others]))


def status(project: Memory, name: str = "a") -> FeatureStatus:
    world = project.world
    wanted = (project.catalog.get(name),)
    return statuses(world.project(), world.manifest(), wanted, project.catalog)[0]


def upgrade(project: Memory, *names: str) -> Prepared:
    prepared = prepare_upgrade(project.world, names)
    assert not prepared.problems
    prepared.commit(project.world)
    return prepared


@pytest.fixture
def grown() -> Memory:
    """`a` was added, and two things have come since."""
    project = memory()
    project.add("a")
    project.files |= {"y.thing": b"", "z.thing": b""}
    return project


def test_nothing_has_come() -> None:
    project = memory()
    project.add("a")
    assert status(project).state == "installed"
    assert not project.plan("a").changes
    prepared = prepare_upgrade(project.world, ())
    assert (prepared.changes, prepared.notes) == ((), ("a is up to date",))


def test_what_has_come_is_missing(grown: Memory) -> None:
    found = status(grown)
    assert found.state == "partial"
    assert found.new == found.missing
    assert [missing.what for missing in found.new] == ["y.thing is not listed", "z.thing is not listed"]
    assert drift([found])


@pytest.mark.parametrize("again", [lambda project: project.add("a"), upgrade], ids=["add", "upgrade"])
def test_it_is_covered(grown: Memory, again: Any) -> None:
    prepared = again(grown)
    assert prepared.features == ("a",)
    assert grown.files[LIST] == b"these things:\nx.thing\ny.thing\nz.thing\n"
    assert [str(command) for command in prepared.commands] == ["grow"]
    assert not prepared.todos
    assert status(grown).state == "installed"
    assert not again(grown).changes


@pytest.mark.parametrize("broken", [b"A = (\n", b"<<<<<<< HEAD\nA = 1\n=======\nA = 2\n>>>>>>> main\n"])
def test_nothing_is_known_to_have_come_while_the_settings_cannot_be_read(
    grown: Memory, broken: bytes
) -> None:
    whole = grown.files["site/settings.py"]
    grown.files["site/settings.py"] = whole + broken
    assert (status(grown).state, status(grown).new) == ("installed", ())
    assert not grown.plan("a").changes
    assert not prepare_upgrade(grown.world, ()).changes
    grown.files["site/settings.py"] = whole
    assert status(grown).new


def test_all_of_it_is_taken_back(grown: Memory) -> None:
    upgrade(grown)
    grown.files["late.thing"] = b""
    upgrade(grown)
    del grown.files["late.thing"], grown.files["y.thing"], grown.files["z.thing"]
    removed = grown.remove("a")
    assert not removed.todos
    assert grown.files == {**PROJECT, "x.thing": b""}


def test_what_was_edited_stays_edited(grown: Memory) -> None:
    grown.files[LIST] = b"these things and mine:\nx.thing\nmine\n"
    upgrade(grown)
    assert grown.files[LIST] == b"these things and mine:\nx.thing\nmine\ny.thing\nz.thing\n"
    removed = grown.remove("a")
    assert grown.files[LIST] == b"these things and mine:\nx.thing\nmine\n"
    assert [todo.path for todo in removed.todos] == [LIST]


def test_a_feature_that_is_broken_is_put_right_and_grows(grown: Memory) -> None:
    grown.files[".gitignore"] = b""
    grown.add("a")
    assert grown.files[".gitignore"] == b"a\n"
    assert b"z.thing" in grown.files[LIST]


def test_what_its_owner_took_out_does_not_come_back_with_what_has_come(grown: Memory) -> None:
    grown.files[".gitignore"] = b""
    upgrade(grown)
    assert grown.files[".gitignore"] == b""
    assert b"z.thing" in grown.files[LIST]
    assert [missing.path for missing in status(grown).missing] == [".gitignore"]
    grown.add("a")
    assert grown.files[".gitignore"] == b"a\n"


def test_what_is_covered_need_not_have_been_missed() -> None:
    def quiet(project: Project, options: Any) -> Growth | None:
        found = growth(project, options)
        return found and found._replace(missing=())

    project = Memory({**PROJECT, "x.thing": b""}, Catalog.of([feature(growth=quiet)]))
    project.add("a")
    project.files["y.thing"] = b""
    assert status(project).state == "installed"
    upgrade(project)
    assert project.files[LIST].endswith(b"y.thing\n")
    assert not prepare_upgrade(project.world, ()).changes


def test_one_that_came_along_stays_automatic() -> None:
    project = memory(
        feature("b", plan=lambda *_: Plan((Line(path="b", line="b"),)), growth=None, requires=("a",))
    )
    project.add("b")
    project.files["y.thing"] = b""
    project.add("b")
    assert b"y.thing" not in project.files[LIST]
    upgrade(project)
    assert b"y.thing" in project.files[LIST]
    assert project.world.manifest().features["a"].automatic
    project.remove("b")
    assert project.files == {**PROJECT, "x.thing": b"", "y.thing": b""}


def test_what_cannot_be_covered_is_refused(grown: Memory) -> None:
    grown.files["bad.thing"] = b""
    for prepared in (grown.plan("a"), prepare_upgrade(grown.world, ("a",))):
        assert [str(problem) for problem in prepared.problems] == ["bad.thing:1: is a bad thing"]
        assert not prepared.changes


def test_a_file_that_its_owner_deleted_has_not_come_since() -> None:
    """Each thing has a file of its own, which is looked for."""

    def of(paths: list[str]) -> Plan:
        return Plan(tuple(WholeFile(path=f"{path}.md", content=path) for path in paths))

    def documented(project: Project, options: Any) -> Growth | None:
        new = [path for path in things(project) if not project.tree.exists(f"{path}.md")]
        missing = tuple(Missing(f"{path}.md", f"{path} has none") for path in new)
        return Growth(missing, lambda: of(new)) if new else None

    one = feature("a", plan=lambda project, _: of(things(project)), growth=documented)
    project = Memory({**PROJECT, "x.thing": b"", "y.thing": b""}, Catalog.of([one]))
    project.add("a")
    del project.files["x.thing.md"]
    assert [str(missing.what) for missing in status(project).missing] == ["x.thing.md"]
    assert not prepare_upgrade(project.world, ()).changes
    prepare_upgrade(project.world, ("a",)).commit(project.world)
    assert (status(project).state, len(status(project).out)) == ("installed", 1)
    project.files["z.thing"] = b""
    assert [str(missing.what) for missing in status(project).missing] == ["z.thing has none"]
    prepare_upgrade(project.world, ()).commit(project.world)
    assert "z.thing.md" in project.files
    assert "x.thing.md" not in project.files
    assert not prepare_upgrade(project.world, ("a",)).changes
    project.add("a")
    assert "x.thing.md" in project.files


def test_options_that_mean_nothing_do_not_break_status(grown: Memory) -> None:
    text = (
        grown.files[".djroadmap.toml"]
        .decode()
        .replace("version = 1\n", 'version = 1\noptions = { old = "x" }\n', 1)
    )
    grown.files[".djroadmap.toml"] = text.encode()
    (wrong,) = status(grown).wrong
    assert wrong == (".djroadmap.toml", "a has no option 'old'", 8)
    assert status(grown).missing == (wrong,)
