"""`djroadmap.testing`: each law fails for a feature that breaks it, and the samples are projects like any other."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest

from djroadmap import API_VERSION
from djroadmap.catalog import Catalog
from djroadmap.edits import InstalledApp, Line, Setting, WholeFile
from djroadmap.model.edit import Edit
from djroadmap.model.feature import Feature, Growth, Missing, Option
from djroadmap.model.plan import Plan
from djroadmap.testing import SAMPLES, FeatureLaws, Memory, laws, sample, ways
from djroadmap.testing.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from djroadmap.model.project import Project


def right(project: Project, options: Any) -> Plan:
    """A plan without a fault."""
    path = project.settings.base.path
    return Plan((InstalledApp(path=path, app="acme"), WholeFile(path="acme.txt", content="Acme.\n")))


def feature(plan: Callable[[Project, Any], Plan] = right, **changes: Any) -> Feature:
    given: dict[str, Any] = {
        "id": "acme",
        "title": "Acme",
        "summary": "Acme's.",
        "group": "API",
        "version": 1,
        "docs": "",
        "plan": plan,
        "api": API_VERSION,
        **changes,
    }
    return Feature(**given)


def project(one: Feature, *others: Feature, name: str = "startproject") -> Memory:
    return sample(name, catalog=Catalog.of([one, *others]))


def vandal(project: Project, options: Any) -> Plan:
    """Puts another value into the user's setting."""
    return Plan((Setting(path=project.settings.base.path, name="DEBUG", value="False", replace=True),))


def growing(project: Project, options: Any) -> Plan:
    """Goes by what it wrote itself: each time there is one more."""
    count = sum("line" in (project.tree.read(path) or "") for path in project.tree.files())
    return Plan((Line(path=f"count-{count}.txt", line=f"line {count}"),))


class Careless(WholeFile):
    """Takes a file away whatever has become of it."""

    def revert(self, text: str | None) -> str | None:
        return None


def careless(project: Project, options: Any) -> Plan:
    return Plan((Careless(path="acme.txt", content="Acme.\n"),))


class Forgetful(WholeFile):
    """Leaves its file behind."""

    def revert(self, text: str | None) -> str | None:
        return text


def forgetful(project: Project, options: Any) -> Plan:
    return Plan((Forgetful(path="acme.txt", content="Acme.\n"),))


ALL = (
    laws.added_twice_is_added_once,
    laws.removed_is_as_if_never_added,
    laws.planned_again_without_a_record_holds,
    laws.nothing_of_the_users_is_lost,
    laws.what_the_user_wrote_since_survives,
    laws.a_whole_file_the_user_edited_stays_and_is_named,
)


@pytest.mark.parametrize("law", ALL, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_right_keeps_the_laws(law: Callable[..., Any], name: str) -> None:
    one = project(feature(), name=name)
    assert laws.does_not_apply(one, "acme") == ""
    assert law(one, "acme") is not False


def test_a_law_is_broken() -> None:
    with pytest.raises(AssertionError):
        laws.planned_again_without_a_record_holds(project(feature(growing)), "acme")
    # Python's `replace` records the old value, so that it comes back; but the diff takes a line away.
    with pytest.raises(AssertionError, match="lost 'DEBUG = True'"):
        laws.nothing_of_the_users_is_lost(project(feature(vandal)), "acme")
    never_done = feature(
        growth=lambda project, options: Growth((Missing("a.txt", "more"),), lambda: growing(project, None))
    )
    with pytest.raises(AssertionError, match=r"count-1\.txt"):
        laws.added_twice_is_added_once(project(never_done), "acme")


@pytest.mark.parametrize(
    ("edit", "law"),
    [
        (Careless, laws.a_whole_file_the_user_edited_stays_and_is_named),
        (Forgetful, laws.removed_is_as_if_never_added),
    ],
)
def test_an_edit_that_breaks_a_law(
    edit: type[Edit], law: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Recorded edits are read back by their kind.
    monkeypatch.setattr(WholeFile, "revert", edit.revert)
    with pytest.raises(AssertionError):
        law(project(feature()), "acme")


def test_two_that_are_in_each_others_way() -> None:
    def other(project: Project, options: Any) -> Plan:
        had = InstalledApp(path=project.settings.base.path, app="acme").holds(
            project.tree.read(project.settings.base.path)
        )
        return Plan((WholeFile(path="other.txt", content=f"{had}\n"),))

    nosy = feature(other, id="nosy")
    start = project(feature(), nosy)
    first, second = start.copy(), start.copy()
    first.add("acme")
    second.add("nosy")
    with pytest.raises(AssertionError, match=r"other\.txt"):
        laws.two_come_off_in_any_order(start, first, second, ("acme", "nosy"))
    laws.all_come_off_together(start, ["acme", "nosy"])


def test_a_reason_must_be_one() -> None:
    with pytest.raises(AssertionError, match="no reason"):
        laws.does_not_apply(project(feature(supports=lambda project: "no")), "acme")
    said = laws.does_not_apply(project(feature(supports=lambda project: "it is Sunday today")), "acme")
    assert said == "acme does not apply: it is Sunday today"


def test_ways_are_all_choices() -> None:
    class Options(NamedTuple):
        target: Annotated[str, Option("Where to.", choices=("ship", "rail"))]
        fast: Annotated[str, Option("How.", choices=("yes", "no"))] = "no"
        count: Annotated[int, Option("How many.")] = 1

    assert ways(feature(options=Options)) == (
        "acme --target ship",
        "acme --target rail",
        "acme --target ship --fast yes",
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_understood(name: str, variant: str) -> None:
    found = sample(name, variant).world.project()
    assert found.urlconf is not None
    assert found.settings.base.path.endswith(".py")
    assert found.apps.local
    assert found.dependencies.has("django")


def test_a_folder_is_a_project_as_well(tmp_path: Path) -> None:
    for path, data in sample("split").files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    assert sample(tmp_path).files == sample("split").files
    assert sample(tmp_path, "crlf").files == sample("split", "crlf").files


def test_pytest_is_only_loaded_by_pytest() -> None:
    code = "import sys, djroadmap.testing; print('pytest' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def run_pytest(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own, on tests as an author has them."""
    (folder / "conftest.py").write_text('pytest_plugins = ["djroadmap.testing"]\n')
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_laws.py").write_text(body)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "test_laws.py",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


AUTHORS = """\
from djroadmap.testing import FeatureLaws
from tests.testing.test_testing import feature, growing


class TestLaws(FeatureLaws):
    feature = {feature}
    projects = ("startproject",)

    @classmethod
    def others(cls):
        return ("waffle",)
"""


@pytest.mark.parametrize(
    ("wanted", "code", "said"),
    [
        ("feature()", 0, "28 passed"),
        ("feature(growing)", 1, "test_planned_again_without_a_record_holds[acme-startproject-as-is]"),
        (
            "feature(supports=lambda project: 'it is Sunday today')",
            1,
            "test_it_applies_to_one_of_the_projects",
        ),
        ("feature(group='Mine')", 2, "is in the unknown group 'Mine'"),
        ("feature(version=0)", 1, "test_it_is_declared_as_it_must_be"),
        ("'nobody'", 1, "there is no feature called 'nobody'"),
    ],
)
def test_the_laws_as_tests_of_an_author(
    wanted: str, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.projects import ROOT

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    ran = run_pytest(tmp_path, AUTHORS.format(feature=wanted))
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert said in ran.stdout


def test_laws_are_for_subclasses() -> None:
    assert not FeatureLaws.__name__.startswith("Test")
