"""`add --partial`: what was left to the user is recorded, told, and theirs once they did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from djroadmap.edits.files import WholeFile
from djroadmap.edits.python_lists import InstalledApp
from djroadmap.edits.requirements import Requirement
from djroadmap.errors import Problem, Unrecognised
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.feature import Option
from djroadmap.model.plan import Plan
from djroadmap.workflow.add import prepare_add
from djroadmap.workflow.remove import prepare_remove
from djroadmap.workflow.status import drift, statuses
from djroadmap.workflow.world import Request
from tests.workflow.test_flow import PROJECT, SETTINGS, feature, ignore, memory

if TYPE_CHECKING:
    from djroadmap.model.feature import Feature
    from djroadmap.workflow.prepared import Prepared
    from djroadmap.workflow.status import FeatureStatus
    from tests.memory import Memory

BUILT = b'def build(*apps):\n    return list(apps)\n\n\nINSTALLED_APPS = build("django.contrib.auth")\n'
APP = InstalledApp(path=SETTINGS, app="a")
PACKAGE = Requirement(path="requirements.txt", name="a")


def odd(*features: Feature) -> Memory:
    """A project whose list of apps cannot be edited."""
    project = memory(*(features or (feature("a", APP, ignore("a")),)))
    project.files[SETTINGS] = BUILT
    return project


def partly(project: Memory, *names: str) -> Prepared:
    prepared = project.plan(*names, partial=True)
    assert not prepared.problems
    prepared.commit(project.world)
    return prepared


def by_hand(project: Memory) -> None:
    project.files[SETTINGS] += b'INSTALLED_APPS += ["a"]\n'


def status(project: Memory, name: str = "a") -> FeatureStatus:
    world = project.world
    (found,) = statuses(world.project(), world.manifest(), (project.catalog.get(name),), project.catalog)
    return found


def test_what_was_left_is_recorded_and_named() -> None:
    project = odd()
    before = dict(project.files)
    prepared = partly(project, "a")
    assert prepared.left == ("a",)
    assert [todo.path for todo in prepared.todos if todo.path] == [SETTINGS]
    assert project.files[SETTINGS] == BUILT
    assert project.files[MANIFEST].count(b"todo = true") == 1
    found = status(project)
    assert found.state == "partial"
    assert [(one.path, one.what) for one in found.missing] == [(SETTINGS, APP.describe())]
    assert found.left == found.missing
    assert drift((found,))
    project.remove("a")
    assert project.files == before


def test_what_was_done_by_hand_belongs_to_the_user() -> None:
    project = odd()
    partly(project, "a")
    by_hand(project)
    found = status(project)
    assert (found.state, found.missing) == ("installed", ())
    assert not drift((found,))
    again = project.add("a")
    assert not again.changes
    assert "already installed" in again.notes[0]
    removed = project.remove("a")
    assert project.files == {**PROJECT, SETTINGS: BUILT + b'INSTALLED_APPS += ["a"]\n'}
    (text,) = [todo.text for todo in removed.todos]
    assert text.startswith(f"{SETTINGS}: ")
    assert "put in by hand, so it stays" in text


def test_a_second_add_tries_again() -> None:
    project = odd()
    partly(project, "a")
    recorded = dict(project.files)
    refused = project.plan("a")
    assert [problem.path for problem in refused.problems] == [SETTINGS]
    assert refused.skippable
    again = project.plan("a", partial=True)
    assert not again.changes
    assert again.left == ("a",)
    assert again.todos[0].path == SETTINGS
    project.files[SETTINGS] = PROJECT[SETTINGS]
    project.add("a")
    assert b"todo" not in project.files[MANIFEST]
    assert status(project).state == "installed"
    project.remove("a")
    assert project.files == PROJECT
    assert recorded[SETTINGS] == BUILT


def test_what_was_done_by_hand_elsewhere_counts_once_the_plan_finds_it() -> None:
    def plan(project: Any, _options: Any) -> Plan:
        path = project.apps.where.get("a", SETTINGS)
        return Plan((InstalledApp(path=path, app="a"), ignore("a")))

    project = odd(feature("a", plan=plan))
    before = dict(project.files)
    partly(project, "a")
    project.files[SETTINGS] = b"from .apps import INSTALLED_APPS\n" + BUILT.partition(b"INSTALLED")[0]
    project.files["site/apps.py"] = b'INSTALLED_APPS = ["django.contrib.auth", "a"]\n'
    assert status(project).state == "installed"
    moved = project.add("a")
    assert moved.paths == (MANIFEST,)
    assert b"todo" not in project.files[MANIFEST]
    assert not project.add("a").changes
    project.remove("a")
    assert b'"a"' in project.files["site/apps.py"]
    assert project.files[".gitignore"] == before[".gitignore"]


def test_what_is_missing_elsewhere_is_named_there() -> None:
    def plan(project: Any, _options: Any) -> Plan:
        moved = project.tree.exists("site/apps.py")
        return Plan((InstalledApp(path="site/apps.py" if moved else SETTINGS, app="a"), ignore("a")))

    project = odd(feature("a", plan=plan))
    partly(project, "a")
    project.files["site/apps.py"] = b'INSTALLED_APPS = ["django.contrib.auth"]\n'
    assert [one.path for one in status(project).left] == ["site/apps.py"]


def test_a_plan_that_can_no_longer_be_made_leaves_what_was_recorded() -> None:
    project = odd()
    partly(project, "a")

    def plan(_project: Any, _options: Any) -> Plan:
        raise Unrecognised(path=SETTINGS, line=1, why="nothing is clear")

    project.catalog = type(project.catalog).of([feature("a", plan=plan)])
    assert [one.path for one in status(project).left] == [SETTINGS]


def test_a_plan_that_is_refused_is_refused_with_partial_too() -> None:
    def plan(_project: Any, _options: Any) -> Plan:
        raise Unrecognised(path=SETTINGS, line=1, why="nothing is clear")

    project = memory(feature("a", plan=plan))
    prepared = project.plan("a", partial=True)
    assert [str(problem) for problem in prepared.problems] == [f"{SETTINGS}:1: nothing is clear"]
    assert not prepared.skippable
    assert not prepared.changes


def test_a_feature_of_which_nothing_can_be_done_is_refused() -> None:
    extra = WholeFile(path="site/test_a.py", content="", extra=True)
    project = odd(feature("a", APP, extra))
    prepared = project.plan("a", partial=True)
    assert [problem.path for problem in prepared.problems] == [SETTINGS]
    assert not prepared.skippable
    assert not project.plan("a").skippable


def test_a_file_in_the_way_is_left_and_is_missing_until_it_is_just_so() -> None:
    project = memory(feature("a", WholeFile(path="a.txt", content="a\n"), ignore("a")))
    project.files["a.txt"] = b"mine\n"
    partly(project, "a")
    assert status(project).state == "partial", "another file is there, which would pass for an edited one"
    project.files["a.txt"] = b"a\n"
    assert status(project).state == "installed"
    project.remove("a")
    assert project.files == {**PROJECT, "a.txt": b"a\n"}


def test_a_file_in_the_way_that_is_deleted_is_written_by_the_next_add() -> None:
    project = memory(feature("a", WholeFile(path="a.txt", content="a\n"), ignore("a")))
    project.files["a.txt"] = b"mine\n"
    partly(project, "a")
    del project.files["a.txt"]
    project.add("a")
    assert project.files["a.txt"] == b"a\n"
    project.remove("a")
    assert project.files == PROJECT


def test_a_refused_edit_that_was_made_before_stays_ours() -> None:
    project = memory(feature("a", APP, ignore("a")))
    project.add("a")
    added = project.files[SETTINGS]
    project.files[SETTINGS] = BUILT
    partly(project, "a")
    assert b"todo" not in project.files[MANIFEST]
    found = status(project)
    assert (found.state, found.left, len(found.missing)) == ("partial", (), 1)
    project.files[SETTINGS] = added
    project.remove("a")
    assert project.files == PROJECT


def test_what_another_feature_made_later_goes_with_the_last_of_them() -> None:
    project = odd(feature("a", APP, ignore("a")), feature("b", APP, ignore("b")))
    partly(project, "a")
    project.files[SETTINGS] = PROJECT[SETTINGS]
    project.add("b")
    assert status(project).state == "installed"
    project.remove("b")
    assert status(project).state == "installed"
    project.remove("a")
    assert project.files == PROJECT


def test_what_two_features_were_left_with_stays_named_for_the_other() -> None:
    project = odd(feature("a", APP, ignore("a")), feature("b", APP, ignore("b")))
    partly(project, "a", "b")
    assert {status(project, name).state for name in "ab"} == {"partial"}
    project.remove("a")
    assert status(project, "b").state == "partial"
    project.remove("b")
    assert project.files == {**PROJECT, SETTINGS: BUILT}


def test_a_package_brought_along_is_guarded_though_the_app_was_left_to_the_user() -> None:
    problem = Problem(path="site/views.py", line=1, why="still uses a")
    project = odd(feature("a", PACKAGE, APP, guard=lambda _: (problem,)))
    project.files["requirements.txt"] = b"django\n"
    partly(project, "a")
    refused = prepare_remove(project.world, ("a",))
    assert refused.problems == (problem,)
    assert refused.skippable


def test_what_an_earlier_plan_left_is_forgotten_when_it_is_no_longer_wanted() -> None:
    project = odd()
    partly(project, "a")
    project.catalog = type(project.catalog).of([feature("a", ignore("a"), ignore("b"))])
    assert status(project).state == "installed", "today's plan does not want it"
    project.add("a")
    assert b"todo" not in project.files[MANIFEST]


def test_a_file_that_cannot_be_decoded_is_left_and_stays_left() -> None:
    project = memory(feature("a", ignore("a"), WholeFile(path="a.txt", content="a\n")))
    project.files[".gitignore"] = b"# coding: utf-8\n\xff\xfe\xfa\n"
    partly(project, "a")
    assert status(project).state == "partial"
    again = project.plan("a", partial=True)
    assert (again.problems, again.changes, again.left) == ((), (), ("a",))
    removed = project.remove("a")
    assert not removed.todos


class Options(NamedTuple):
    """Options with a list."""

    queues: Annotated[tuple[str, ...], Option(help="Which")] = ()


def test_the_options_of_a_partly_added_feature_are_not_changed_in_passing() -> None:
    project = odd(feature("a", APP, ignore("a"), options=Options))
    first = Request(feature="a", options=Options(queues=("x", "y")))
    prepare_add(project.world, (first,), partial=True).commit(project.world)
    assert not prepare_add(project.world, (first,), partial=True).changes
    other = Request(feature="a", options=Options(queues=("z",)))
    (problem,) = prepare_add(project.world, (other,), partial=True).problems
    assert "with other options" in problem.why
