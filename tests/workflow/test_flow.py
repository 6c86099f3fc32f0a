"""add, remove, status and undo on synthetic features: ownership, prerequisites, repair, refusal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest

from djroadmap.catalog import Catalog, CatalogError
from djroadmap.edits.files import WholeFile
from djroadmap.edits.lines import Line
from djroadmap.edits.python_imports import Import
from djroadmap.edits.python_lists import InstalledApp
from djroadmap.errors import Problem, Unrecognised, UsageError
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.feature import Feature, Option, Presence, specs_of
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.workflow.add import prepare_add
from djroadmap.workflow.remove import prepare_remove
from djroadmap.workflow.status import drift, statuses
from djroadmap.workflow.undo import prepare_undo
from djroadmap.workflow.upgrade import prepare_upgrade
from djroadmap.workflow.world import Request
from tests.memory import Memory, PlainFormatter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from djroadmap.model.edit import Edit
    from djroadmap.model.project import Project, PythonStyle

PROJECT = {
    "manage.py": b'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site.settings")\n',
    "site/__init__.py": b"",
    "site/settings.py": b'INSTALLED_APPS = ["django.contrib.auth"]\nROOT_URLCONF = "site.urls"\n',
    "site/urls.py": b"urlpatterns = []\n",
    ".gitignore": b"*.pyc\n",
}


def feature(name: str, *edits: Edit, **changes: Any) -> Feature:
    def plan(project: Project, options: Any) -> Plan:
        return Plan(
            edits,
            commands=(Command(argv=("echo", name), why="to see"),),
            todos=(Todo(text=f"think of {name}"),),
        )

    values: dict[str, Any] = {
        "id": name,
        "title": name,
        "summary": name,
        "group": "API",
        "version": 1,
        "docs": "",
        "plan": plan,
        **changes,
    }
    return Feature(**values)


def ignore(line: str) -> Line:
    return Line(path=".gitignore", line=line)


def memory(*features: Feature) -> Memory:
    return Memory(dict(PROJECT), Catalog.of(features))


def lines(project: Memory) -> list[str]:
    return project.files[".gitignore"].decode().splitlines()


def test_add_then_remove() -> None:
    project = memory(feature("a", ignore("a"), WholeFile(path="x/y/a.txt", content="a\n")))
    added = project.add("a")
    assert [(change.path, change.action) for change in added.changes] == [
        (MANIFEST, "create"),
        (".gitignore", "modify"),
        ("x/y/a.txt", "create"),
    ]
    assert [str(command) for command in added.commands] == ["echo a"]
    assert project.world.manifest().features["a"].folders == ("x", "x/y")
    removed = project.remove("a")
    assert project.files == PROJECT
    assert removed.drop_empty == ("x/y", "x")


def test_what_was_there_before_stays() -> None:
    project = memory(feature("a", ignore("*.pyc"), ignore("a")))
    project.add("a")
    assert project.files[MANIFEST].count(b"owned = false") == 1
    project.remove("a")
    assert project.files == PROJECT


def test_put_in_by_hand_is_installed_and_not_recorded() -> None:
    project = memory(feature("a", ignore("*.pyc")))
    prepared = project.add("a")
    assert not prepared.changes
    assert "not added by djroadmap" in prepared.notes[0]
    [status] = statuses(
        project.world.project(), project.world.manifest(), project.catalog.public(), project.catalog
    )
    assert (status.state, status.recorded) == ("installed", False)
    assert "not added by djroadmap" in prepare_remove(project.world, ("a",)).notes[0]


def test_a_shared_edit_goes_with_its_last_owner() -> None:
    project = memory(feature("a", ignore("shared"), ignore("a")), feature("b", ignore("shared"), ignore("b")))
    alone = project.copy()
    alone.add("b")
    project.add("a")
    project.add("b")
    project.remove("a")
    assert project.files == alone.files
    assert lines(project) == ["*.pyc", "shared", "b"]
    project.remove("b")
    assert project.files == PROJECT


def test_a_shared_file_and_its_folder_go_with_the_last_owner() -> None:
    def shared() -> WholeFile:
        return WholeFile(path="t/__init__.py", content="")

    project = memory(feature("a", shared(), ignore("a")), feature("b", shared(), ignore("b")))
    project.add("a")
    project.add("b")
    assert project.remove("a").drop_empty == ()
    assert "t/__init__.py" in project.files
    assert project.remove("b").drop_empty == ("t",)
    assert project.files == PROJECT


def test_a_prerequisite_comes_and_goes_with_what_needs_it() -> None:
    project = memory(feature("base", ignore("base")), feature("top", ignore("top"), requires=("base",)))
    assert project.add("top").along == ("base",)
    assert lines(project) == ["*.pyc", "base", "top"]
    assert project.remove("top").along == ("base",)
    assert project.files == PROJECT


def test_a_prerequisite_that_was_asked_for_stays() -> None:
    project = memory(feature("base", ignore("base")), feature("top", ignore("top"), requires=("base",)))
    project.add("base")
    project.add("top")
    project.remove("top")
    assert lines(project) == ["*.pyc", "base"]


def test_asking_for_a_prerequisite_later_keeps_it() -> None:
    project = memory(feature("base", ignore("base")), feature("top", ignore("top"), requires=("base",)))
    project.add("top")
    prepared = project.add("base")
    assert [change.path for change in prepared.changes] == [MANIFEST]
    project.remove("top")
    assert lines(project) == ["*.pyc", "base"]


def test_what_is_needed_is_not_removed() -> None:
    project = memory(feature("base", ignore("base")), feature("top", ignore("top"), requires=("base",)))
    project.add("top")
    prepared = prepare_remove(project.world, ("base",))
    assert "needed by top" in prepared.problems[0].why
    assert project.remove("base", "top").changes
    assert project.files == PROJECT


def test_what_came_along_is_not_named_as_the_reason() -> None:
    project = memory(
        feature("a", ignore("a")),
        feature("b", ignore("b"), requires=("a",)),
        feature("c", ignore("c"), requires=("b",)),
    )
    project.add("c")
    (problem,) = project.refused("a")
    assert (problem.why, problem.snippet) == ("a is needed by c", "djroadmap remove c a")
    project.remove("c", "a")
    assert project.files == PROJECT


class Where(NamedTuple):
    target: Annotated[str, Option(help="Where to", choices=("ship", "rail"))] = "ship"


def suited(project: Project) -> str:
    return "ship" if "port" in (project.tree.read(".gitignore") or "") else "rail"


class Suited(NamedTuple):
    target: Annotated[str, Option(help="Where to", default_from=suited)] = "ship"


def hanging(**changes: Any) -> Memory:
    """`deploy` needs `port` and, by its option, `ship` or `rail`; both of those need `ground`."""
    by_target = {"target": {"ship": ("ship",), "rail": ("rail", "fence")}}
    values = {"requires": ("port",), "requires_for": by_target, "options": Where, **changes}

    def plan(_: Project, options: Where) -> Plan:
        return Plan((ignore(f"deploy by {options.target}"),))

    return memory(
        feature("deploy", plan=plan, **values),
        feature("fence", ignore("fence")),
        feature("ground", ignore("ground")),
        feature("port", ignore("port")),
        feature("rail", ignore("rail"), requires=("ground",)),
        feature("ship", ignore("ship"), requires=("ground",)),
    )


@pytest.mark.parametrize(
    ("typed", "along"),
    [
        ("deploy", ("port", "ground", "ship")),
        ("deploy --target ship", ("port", "ground", "ship")),
        ("deploy --target rail", ("port", "ground", "rail", "fence")),
    ],
)
def test_what_is_needed_by_an_option_comes_first_and_goes_along(typed: str, along: tuple[str, ...]) -> None:
    project = hanging()
    by = typed.rpartition(" ")[2].replace("deploy", "ship")
    assert project.add(typed).along == along
    assert lines(project) == ["*.pyc", *along, f"deploy by {by}"]
    assert not project.plan(typed).changes
    assert set(project.remove("deploy").along) == set(along)
    assert project.files == PROJECT


def test_an_option_keeps_what_it_needs_and_only_that() -> None:
    project = hanging()
    project.add("deploy --target rail")
    for needed in ("port", "ground", "rail", "fence"):
        assert [problem.why for problem in project.refused(needed)] == [f"{needed} is needed by deploy"]
    project.add("ship")
    project.remove("ship")
    assert "rail" in lines(project)
    project.add("ground")
    project.remove("deploy")
    assert lines(project) == ["*.pyc", "ground"]


def test_nothing_goes_along_where_nobody_can_tell_what_is_needed() -> None:
    project = hanging()
    project.add("deploy --target rail")
    project.add("fence")
    text = project.files[MANIFEST]
    project.files[MANIFEST] = text.replace(b'target = "rail"', b'target = "road"')
    for needed in ("fence", "rail"):
        assert [problem.why for problem in project.refused(needed)] == [
            'deploy has no choice target = "road"; there are ship, rail'
        ]
    assert project.remove("deploy", "fence").along
    assert project.files == PROJECT


def test_repairing_goes_by_the_options_that_are_recorded() -> None:
    project = hanging()
    project.add("deploy --target rail")
    project.files[".gitignore"] = project.files[".gitignore"].replace(b"fence\n", b"")
    assert "fence" in project.add("deploy").diff()
    assert "ship" not in lines(project)


def test_the_other_option_is_refused_before_anything_is_planned_for_it() -> None:
    project = hanging()
    project.add("deploy --target ship")
    prepared = project.plan("deploy --target rail")
    (problem,) = prepared.problems
    assert problem.why == "deploy is installed with other options (target = ship); remove it first"
    assert (prepared.along, prepared.changes) == ((), ())
    project.remove("deploy")
    project.add("deploy --target rail")
    assert lines(project) == ["*.pyc", "port", "ground", "rail", "fence", "deploy by rail"]


def test_a_default_is_settled_before_what_it_needs_is_there() -> None:
    project = hanging(options=Suited)
    project.add("deploy")
    assert lines(project)[-1] == "deploy by rail"
    assert dict(project.world.manifest().features["deploy"].options) == {"target": "rail"}
    project.remove("deploy")
    assert project.files == PROJECT


def test_a_feature_that_hangs_on_an_option_may_be_needed_itself() -> None:
    plain = hanging()
    project = memory(*plain.catalog.features.values(), feature("top", ignore("top"), requires=("deploy",)))
    assert project.add("top").along == ("port", "ground", "ship", "deploy")
    assert [problem.why for problem in project.refused("ground")] == ["ground is needed by top"]
    project.remove("top")
    assert project.files == PROJECT


def test_status_says_what_is_needed_with_the_options_there_are() -> None:
    project = hanging()
    deploy = (project.catalog.get("deploy"),)

    def needed() -> tuple[str, ...]:
        world = project.world
        (status,) = statuses(world.project(), world.manifest(), deploy, project.catalog)
        return status.requires

    assert needed() == ("port", "ship")
    project.add("deploy --target rail")
    assert needed() == ("port", "rail", "fence")


def test_hidden_parts_that_an_option_needs_are_part_of_the_state() -> None:
    plain = hanging().catalog.features
    fence = plain["fence"]._replace(internal=True)
    project = memory(*{**plain, "fence": fence}.values())
    project.add("deploy --target rail")
    project.files[".gitignore"] = project.files[".gitignore"].replace(b"fence\n", b"")
    world = project.world
    (status,) = statuses(world.project(), world.manifest(), (project.catalog.get("deploy"),), project.catalog)
    assert (status.state, len(status.missing)) == ("partial", 1)


def test_a_chain_of_prerequisites_goes_together() -> None:
    project = memory(
        feature("a", ignore("a")),
        feature("b", ignore("b"), requires=("a",)),
        feature("c", ignore("c"), requires=("b",)),
    )
    project.add("c")
    project.remove("c")
    assert project.files == PROJECT


def bridged() -> Memory:
    """`bus` and what nobody sees of it; `ids`, which is alone; and what joins them."""

    def there(project: Project) -> str | None:
        return None if "bus" in (project.tree.read(".gitignore") or "") else "there is no bus"

    return memory(
        feature("bus", ignore("bus")),
        feature("seam", ignore("seam"), requires=("bus",), internal=True, supports=there),
        feature("letters", ignore("letters"), requires=("seam",)),
        feature("ids", ignore("ids")),
        feature(
            "joint",
            ignore("joint"),
            requires=("ids", "seam"),
            bridges=("ids",),
            internal=True,
            supports=there,
        ),
    )


ALL = ["*.pyc", "bus", "ids", "joint", "letters", "seam"]


@pytest.mark.parametrize("order", [("ids", "letters"), ("letters", "ids"), ("ids", "bus", "letters")])
def test_a_bridge_comes_whatever_came_last(order: tuple[str, ...]) -> None:
    project = bridged()
    for name in order:
        assert "joint" not in project.add(name).along
    assert sorted(lines(project)) == ALL
    assert not project.plan(*order).changes


def test_a_bridge_goes_with_what_it_joins() -> None:
    project = bridged()
    project.add("letters", "ids")
    assert project.remove("ids").along == ()
    assert sorted(lines(project)) == ["*.pyc", "bus", "letters", "seam"]
    project.remove("letters")
    assert project.files == PROJECT


def test_a_bridge_keeps_nothing_that_came_for_others() -> None:
    project = bridged()
    project.add("ids", "letters")
    assert project.remove("letters").along == ("bus",)
    assert lines(project) == ["*.pyc", "ids"]


def test_a_bridge_stays_where_what_it_needs_was_asked_for() -> None:
    project = bridged()
    project.add("bus", "letters", "ids")
    project.remove("letters")
    assert sorted(lines(project)) == ["*.pyc", "bus", "ids", "joint", "seam"]
    project.remove("bus")
    assert lines(project) == ["*.pyc", "ids"]


def test_a_bridge_stays_on_what_the_user_made() -> None:
    project = bridged()
    project.files[".gitignore"] = b"*.pyc\nbus\n"
    project.add("ids")
    assert lines(project) == ["*.pyc", "bus", "seam", "ids", "joint"]
    project.add("letters")
    project.remove("letters")
    assert lines(project) == ["*.pyc", "bus", "seam", "ids", "joint"]
    project.remove("ids")
    assert lines(project) == ["*.pyc", "bus"]


def test_what_nobody_sees_is_part_of_what_needs_it() -> None:
    project = bridged()
    project.add("ids", "letters")
    whole = dict(project.files)
    assert "needed by letters" in prepare_remove(project.world, ("bus",)).problems[0].why
    for line, feature_id in ((b"joint\n", "ids"), (b"seam\n", "letters"), (b"seam\n", "ids")):
        project.files[".gitignore"] = whole[".gitignore"].replace(line, b"")
        world = project.world
        states = statuses(world.project(), world.manifest(), project.catalog.public(), project.catalog)
        assert {one.feature.id: one.state for one in states}[feature_id] == "partial"
        project.add(feature_id)
        assert sorted(lines(project)) == ALL


def test_edited_away_is_partial_and_add_puts_it_right() -> None:
    project = memory(feature("a", ignore("a"), ignore("b")))
    project.add("a")
    whole = dict(project.files)
    project.files[".gitignore"] = b"*.pyc\na\n"
    world = project.world
    [status] = statuses(world.project(), world.manifest(), project.catalog.public(), project.catalog)
    assert status.state == "partial"
    assert [missing.path for missing in status.missing] == [".gitignore"]
    assert drift((status,)) == (status,)
    project.add("a")
    assert project.files == whole


def test_a_feature_of_another_version_is_outdated() -> None:
    project = memory(feature("a", ignore("a")))
    project.add("a")
    newer = project.copy()
    newer.catalog = Catalog.of([feature("a", ignore("a"), version=2)])
    world = newer.world
    [status] = statuses(world.project(), world.manifest(), newer.catalog.public(), newer.catalog)
    assert status.state == "outdated"
    assert drift((status,))
    assert [problem.snippet for problem in newer.plan("a").problems] == ["djroadmap upgrade a"]
    assert prepare_upgrade(world, ()).paths == (MANIFEST,)
    assert prepare_upgrade(project.world, ("a",)).notes == ("a is up to date",)


def test_half_of_it_by_hand_is_partial() -> None:
    project = memory(
        feature("a", ignore("*.pyc"), ignore("a")), feature("b", ignore("b"), ignore("c").with_(extra=True))
    )
    world = project.world
    found = {
        one.feature.id: one
        for one in statuses(world.project(), world.manifest(), project.catalog.public(), project.catalog)
    }
    assert found["a"].state == "partial"
    assert found["b"].state == "available"


def test_what_does_not_apply_says_why() -> None:
    project = memory(feature("a", ignore("a"), supports=lambda _: "it needs Celery"))
    world = project.world
    [status] = statuses(world.project(), world.manifest(), project.catalog.public(), project.catalog)
    assert (status.state, status.reason) == ("unavailable", "it needs Celery")
    assert "it needs Celery" in project.plan("a").problems[0].why
    assert not project.plan("a").changes


def test_all_problems_are_reported_at_once_and_partial_makes_them_to_dos() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Stubborn(Line):
        def apply(self, text: str | None) -> str | None:
            raise Unrecognised(path=self.path, line=3, why=f"no {self.line}", snippet=self.line)

    one, two = (Stubborn(path=".gitignore", line=line) for line in ("one", "two"))
    project = memory(feature("a", one, ignore("fine"), two))
    prepared = project.plan("a")
    assert [str(problem) for problem in prepared.problems] == [".gitignore:3: no one", ".gitignore:3: no two"]
    partial = project.plan("a", partial=True)
    assert not partial.problems
    assert [todo.snippet for todo in partial.todos] == ["one", "two", ""]
    assert ".gitignore" in partial.paths


def test_conflicts_are_refused() -> None:
    project = memory(feature("a", ignore("a")), feature("b", ignore("b"), conflicts=("a",)))
    project.add("a")
    assert "beside a" in project.plan("b").problems[0].why


def test_code_in_use_is_not_removed_but_partial_goes_on() -> None:
    problem = Problem(path="site/urls.py", line=1, why="still uses a")
    project = memory(feature("a", ignore("a"), guard=lambda _: (problem,)))
    project.add("a")
    assert prepare_remove(project.world, ("a",)).problems == (problem,)
    prepared = prepare_remove(project.world, ("a",), partial=True)
    assert not prepared.problems
    assert "still uses a" in prepared.todos[0].text


def test_an_edited_file_stays_and_is_named() -> None:
    project = memory(feature("a", WholeFile(path="a.txt", content="a\n"), ignore("a")))
    project.add("a")
    project.files["a.txt"] = b"mine\n"
    removed = project.remove("a")
    assert project.files == {**PROJECT, "a.txt": b"mine\n"}
    assert "a.txt" in removed.todos[0].text


def test_a_file_in_the_way_is_refused_and_an_equal_one_is_the_users() -> None:
    project = memory(feature("a", WholeFile(path="a.txt", content="a\n"), ignore("a")))
    project.files["a.txt"] = b"other\n"
    assert project.plan("a").problems[0].path == "a.txt"
    project.files["a.txt"] = b"a\n"
    project.add("a")
    project.remove("a")
    assert project.files == {**PROJECT, "a.txt": b"a\n"}


def test_undo_gives_back_and_refuses_what_moved() -> None:
    project = memory(feature("a", ignore("a")))
    changes = project.add("a").changes
    back = [change.inverse() for change in changes]
    undone = prepare_undo(project.world, title="add a", changes=back)
    assert not undone.problems
    undone.commit(project.world)
    assert project.files == PROJECT
    project.add("a")
    project.files[".gitignore"] += b"mine\n"
    moved = prepare_undo(project.world, title="add a", changes=back)
    assert [problem.path for problem in moved.problems] == [".gitignore"]


def test_other_options_are_refused_and_the_same_are_unchanged() -> None:
    class Options(NamedTuple):
        target: Annotated[str, Option(help="Where to", choices=("ecs", "eks"))] = "ecs"

    project = memory(feature("a", ignore("a"), options=Options))
    world = project.world
    prepare_add(world, (Request(feature="a", options=Options(target="eks")),)).commit(world)
    world = project.world
    assert not prepare_add(world, (Request(feature="a", options=Options(target="eks")),)).problems
    assert "target = eks" in prepare_add(world, (Request(feature="a", options=Options()),)).problems[0].why
    assert not prepare_add(world, (Request(feature="a"),)).problems
    assert [spec.flag for spec in specs_of(Options)] == ["--target"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: [feature("a"), feature("a")], "two features"),
        (lambda: [feature("a", group="Nonsense")], "unknown group"),
        (lambda: [feature("a", requires=("b",))], "unknown feature"),
        (lambda: [feature("a", requires=("b",)), feature("b", requires=("a",))], "in a circle"),
        (lambda: [feature("a", options=Where, requires_for={"target": {"ship": ("b",)}})], "unknown feature"),
        (lambda: [feature("a", options=Where, requires_for={"goal": {"ship": ()}})], "by an option"),
        (
            lambda: [
                feature("a", options=Where, requires_for={"target": {"rail": ("b",)}}),
                feature("b", requires=("a",)),
            ],
            "in a circle",
        ),
    ],
)
def test_wrong_catalogues_are_refused(make: Callable[[], list[Feature]], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        Catalog.of(make())


SETTINGS = "site/settings.py"


def test_what_the_project_had_before_may_still_be_used_after_a_removal() -> None:
    problem = Problem(path="site/views.py", line=1, why="still uses a", snippet="")
    edits = (InstalledApp(path=SETTINGS, app="a"), ignore("a"))
    made = feature("a", *edits, guard=lambda _: (problem,), farewell=lambda *_: (Command(("drop",), "it"),))
    brought = memory(made)
    brought.add("a")
    assert prepare_remove(brought.world, ("a",)).problems == (problem,)
    found = memory(made)
    before = found.files[SETTINGS] = PROJECT[SETTINGS].replace(b"]", b', "a"]')
    found.add("a")
    assert lines(found) == ["*.pyc", "a"]
    removed = found.remove("a")
    assert not removed.notes
    assert (lines(found), found.files[SETTINGS]) == (["*.pyc"], before)


def test_a_feature_put_in_by_hand_is_left_alone_even_if_its_extras_are_missing() -> None:
    tests = WholeFile(path="site/tests/test_a.py", content="", extra=True)
    project = memory(feature("a", InstalledApp(path=SETTINGS, app="a"), tests))
    project.files[SETTINGS] = PROJECT[SETTINGS].replace(b"]", b', "a"]')
    prepared = project.plan("a")
    assert not prepared.changes
    assert prepared.notes == ("a is already there, though not added by djroadmap; nothing to add",)


def test_it_is_said_what_is_there_already() -> None:
    found = Presence(found=("site/api.py",), note="the API is site/api.py")
    project = memory(feature("a", InstalledApp(path=SETTINGS, app="a"), presence=lambda _: found))
    (note,) = project.plan("a").notes
    assert note.endswith("nothing to add: the API is site/api.py")


@pytest.mark.parametrize("django", ["Django==3.2.25", "django<4"])
def test_a_django_that_is_too_old_is_refused(django: str) -> None:
    project = memory(feature("a", ignore("a")))
    project.files["requirements.txt"] = f"{django}\n".encode()
    (problem,) = project.plan("a").problems
    assert "it needs Django 4.2 or newer" in problem.why
    (status,) = statuses(
        project.world.project(), project.world.manifest(), (project.catalog.get("a"),), project.catalog
    )
    assert (status.state, status.reason in problem.why) == ("unavailable", True)


def test_a_mistyped_feature_is_suggested() -> None:
    with pytest.raises(UsageError) as caught:
        memory(feature("waffle")).catalog.get("wafle")
    assert caught.value.hint == "did you mean waffle?"


def test_what_must_be_done_before_a_removal_is_said_before_it() -> None:
    zero = Command(argv=("python", "manage.py", "migrate", "a", "zero"), why="drop its tables")
    project = memory(feature("a", ignore("a"), farewell=lambda *_: (zero,)))
    assert zero not in project.add("a").commands
    removed = project.remove("a")
    assert removed.notes == ("before you remove it: python manage.py migrate a zero (drop its tables)",)
    assert not removed.commands


def test_what_would_be_left_with_nothing_to_do_is_named() -> None:
    def reads(project: Project) -> str | None:
        return None if project.tree.exists("schema.json") else "there is no schema"

    schema = WholeFile(path="schema.json", content="{}\n")
    project = memory(feature("api", schema), feature("compare", ignore("compare"), supports=reads))
    project.add("api")
    project.add("compare")
    [problem] = prepare_remove(project.world, ("api",)).problems
    assert problem.why == "compare would be left with nothing to do: there is no schema"
    assert problem.snippet == "djroadmap remove compare api"
    assert project.copy().remove("compare").changes
    project.remove("compare", "api")
    assert project.files == PROJECT


def test_what_does_not_apply_any_more_forbids_nothing() -> None:
    def reads(project: Project) -> str | None:
        return None if project.tree.exists("schema.json") else "there is no schema"

    project = memory(feature("api", ignore("api")), feature("compare", ignore("compare"), supports=reads))
    project.files["schema.json"] = b"{}\n"
    project.add("api", "compare")
    del project.files["schema.json"]
    project.remove("api")
    assert lines(project) == ["*.pyc", "compare"]


def test_the_formatter_knows_every_file_that_comes_to_be() -> None:
    known: list[str] = []

    def formatter(style: PythonStyle, new: Sequence[str] = ()) -> PlainFormatter:
        known.extend(new)
        return PlainFormatter()

    project = memory(
        feature(
            "a",
            ignore("a"),
            Import(path="site/selectors.py", module="os", create=True),
            WholeFile(path="site/api.py", content="import site.selectors\n"),
        )
    )
    prepare_add(project.world._replace(formatter=formatter), (Request(feature="a"),))
    assert known == ["site/selectors.py", "site/api.py"]
