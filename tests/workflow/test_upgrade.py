"""`upgrade` from version to version: what we wrote then, what is there, and what we would write now."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from djroadmap import edits
from djroadmap.catalog import Catalog
from djroadmap.edits.files import WholeFile, pack, unpack
from djroadmap.edits.lines import Line
from djroadmap.edits.python_settings import Setting
from djroadmap.edits.requirements import Requirement
from djroadmap.errors import UsageError
from djroadmap.manifest import PATH as MANIFEST
from djroadmap.model.feature import Feature, Option
from djroadmap.model.plan import Plan
from djroadmap.workflow.remove import prepare_remove
from djroadmap.workflow.status import drift, statuses
from djroadmap.workflow.upgrade import prepare_upgrade
from tests.matrix.cases import layout_files
from tests.memory import Memory
from tests.projects import LAYOUTS
from tests.workflow.test_flow import PROJECT, feature, ignore
from tests.workflow.versions import CHECK, CI, FILES, IGNORE, NOTES, TEST, TOOLS, catalog, synthetic, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from djroadmap.model.edit import Edit
    from djroadmap.model.project import Project
    from djroadmap.workflow.prepared import Prepared
    from djroadmap.workflow.status import FeatureStatus


class Versioned(Memory):
    """A project in memory, and what once stood in its files, as git would know it."""

    past: dict[str, list[bytes]]

    @classmethod
    def added(cls, files: dict[str, bytes], *, git: bool = True, version: int = 1) -> Versioned:
        """The project with the feature in a version, committed or not."""
        project = cls({**files, **FILES}, catalog(version))
        project.add("synthetic")
        project.past = {path: [data] for path, data in project.files.items()} if git else {}
        return project

    def plan_upgrade(self, version: int, *names: str) -> Prepared:
        """What an upgrade to this version would do."""
        self.catalog = catalog(version)
        return prepare_upgrade(self.world._replace(versions=self.versions), names)

    def upgrade(self, version: int) -> Prepared:
        """Do it, refusing problems loudly."""
        prepared = self.plan_upgrade(version)
        assert not prepared.problems, [str(problem) for problem in prepared.problems]
        prepared.commit(self.world)
        return prepared

    def versions(self, path: str) -> Iterator[bytes]:
        """What is known to have stood there."""
        yield from self.past.get(path, ())

    def text(self, path: str) -> str:
        """A file."""
        return self.files[path].decode().replace("\r\n", "\n")

    def edit(self, path: str, old: str, new: str) -> None:
        """A change by hand."""
        text = self.files[path].decode()
        end = "\r\n" if "\r\n" in text else "\n"
        old, new = old.replace("\n", end), new.replace("\n", end)
        assert text.count(old) == 1, (path, old)
        self.files[path] = text.replace(old, new).encode()

    def status(self) -> FeatureStatus:
        """The state of the feature."""
        found = statuses(self.world.project(), self.world.manifest(), self.catalog.public(), self.catalog)
        return found[0]


SMALL = {**PROJECT, **FILES}


@pytest.fixture
def project() -> Versioned:
    return Versioned.added(dict(PROJECT))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("layouts")


def crlf(files: dict[str, bytes]) -> dict[str, bytes]:
    ends = (".py", ".yml", "ignore")
    return {
        path: data.replace(b"\n", b"\r\n") if path.endswith(ends) else data for path, data in files.items()
    }


# Nothing was edited


@pytest.mark.parametrize("way", [(2, 3), (3,)], ids=["step by step", "at once"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_nobody_edited_is_as_if_added_today(layout: str, way: tuple[int, ...], folder: Path) -> None:
    files = layout_files(layout, folder)
    project, fresh = Versioned.added(files, git=False), Versioned.added(files, version=3)
    for version in way:
        prepared = project.upgrade(version)
        assert not prepared.conflicts
        assert project.status().state == "installed"
    assert _without_manifest(project.files) == _without_manifest(fresh.files)
    assert project.world.manifest().features["synthetic"].version == 3
    assert not project.upgrade(3).changes
    project.remove("synthetic")
    assert project.files == {**files, **FILES}


def _without_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path != MANIFEST}


def test_line_endings_and_what_comes_next_are_kept() -> None:
    project = Versioned.added(crlf(dict(SMALL)))
    project.files = crlf(project.files)
    project.disk.files = project.files
    prepared = project.upgrade(3)
    assert not prepared.conflicts
    assert all(b"\n" not in project.files[path].replace(b"\r\n", b"") for path in (TOOLS, IGNORE, CI))
    assert [str(command) for command in prepared.commands] == ["echo 3"]
    assert prepared.notes[0] == "synthetic: version 1 becomes version 3"


def bom(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: b"\xef\xbb\xbf" + data if path in FORMS else data for path, data in files.items()}


def unended(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data.rstrip(b"\r\n") if path in FORMS else data for path, data in files.items()}


FORMS = (TOOLS, IGNORE, "site/settings.py")
"""The files that have the form: ours, of lines, of Python."""


@pytest.mark.parametrize("to", [2, 3])
@pytest.mark.parametrize("hand", [None, "lines", "conflict"])
@pytest.mark.parametrize("form", [crlf, bom, unended, lambda files: bom(crlf(unended(files)))])
def test_the_form_of_files_is_kept(
    form: Callable[[dict[str, bytes]], dict[str, bytes]], hand: str | None, to: int
) -> None:
    project = Versioned.added(dict(PROJECT))
    if hand is not None:
        (change_lines if hand == "lines" else conflict)(project)
    plain = project.copy()
    project.files = form(project.files)
    project.disk.files = project.files
    wanted = Versioned(plain.files, plain.catalog)
    wanted.past = project.past
    assert bool(project.upgrade(to).conflicts) == bool(wanted.upgrade(to).conflicts) == (hand == "conflict")
    same = form({path: wanted.files[path] for path in FORMS})
    if to == 3:  # what it adds to the end of our file has one
        same[TOOLS], project.files[TOOLS] = (data.rstrip() for data in (same[TOOLS], project.files[TOOLS]))
    assert {path: project.files[path] for path in FORMS} == same


# Edited by hand


def change_lines(project: Versioned) -> None:
    project.edit(TOOLS, "print('fourth', 'begins')", "log('fourth', 'begins')")


def insert_lines(project: Versioned) -> None:
    project.edit(
        TOOLS, "def fifth(value):\n", "def fifth(value):\n    # Mine, and it stays.\n    value += 1\n"
    )


def move_lines(project: Versioned) -> None:
    text = project.text(TOOLS)
    fifth = text[text.index("\n\ndef fifth") :]
    project.files[TOOLS] = (
        text.replace(fifth, "\n").replace('"""Tools."""\n', f'"""Tools."""\n{fifth}').encode()
    )


def delete_lines(project: Versioned) -> None:
    project.edit(TOOLS, "    print('fourth', 'begins')\n", "")


def conflict(project: Versioned) -> None:
    project.edit(TOOLS, "result = [value, 1]", "result = [value, 'mine']")


def rename_file(project: Versioned) -> None:
    project.files["site/helpers.py"] = project.files.pop(TOOLS) + b"\n\nMINE = 1\n"


def delete_file(project: Versioned) -> None:
    del project.files[TOOLS]


def edit_a_file_that_is_renamed(project: Versioned) -> None:
    project.edit(CHECK, "assert 9 == 9\n", "assert 9 == 9\nassert 'mine'\n")


def edit_a_file_that_is_dropped(project: Versioned) -> None:
    project.edit(NOTES, "note 3\n", "note 3, and mine\n")


def tune_a_setting(project: Versioned) -> None:
    project.edit(settings_of(project), "SYNTHETIC_LIMIT = 10", "SYNTHETIC_LIMIT = 99  # mine")


def comment_a_setting(project: Versioned) -> None:
    project.edit(settings_of(project), "SYNTHETIC_LIMIT = 10", "SYNTHETIC_LIMIT = 10  # as we agreed")


def take_a_setting_out(project: Versioned) -> None:
    text = project.text(settings_of(project))
    project.files[settings_of(project)] = text.replace("SYNTHETIC_LIMIT = 10\n", "").encode()


def tune_a_setting_that_is_dropped(project: Versioned) -> None:
    project.edit(settings_of(project), "SYNTHETIC_OLD = True", "SYNTHETIC_OLD = False")


def comment_a_setting_that_is_dropped(project: Versioned) -> None:
    project.edit(settings_of(project), "SYNTHETIC_OLD = True", "SYNTHETIC_OLD = True  # until May")


def edit_yaml(project: Versioned) -> None:
    project.edit(CI, "make version-1", "make version-1 mine")


def edit_a_step(project: Versioned) -> None:
    project.edit(CI, "run: make v1", "run: make v1 -j  # faster")


def move_a_line(project: Versioned) -> None:
    project.files[IGNORE] = b"/cache1/\n*.pyc\n/mine/\n/build/\n/synthetic/\n"


def edit_nothing_of_ours(project: Versioned) -> None:
    project.files[IGNORE] += b"/mine/\n"
    project.files[CI] += b"  mine:\n    steps:\n      - run: mine\n"


HANDS: list[Callable[[Versioned], None]] = [
    change_lines,
    insert_lines,
    move_lines,
    delete_lines,
    conflict,
    rename_file,
    delete_file,
    edit_a_file_that_is_renamed,
    edit_a_file_that_is_dropped,
    tune_a_setting,
    comment_a_setting,
    take_a_setting_out,
    tune_a_setting_that_is_dropped,
    comment_a_setting_that_is_dropped,
    edit_yaml,
    edit_a_step,
    move_a_line,
    edit_nothing_of_ours,
]


def settings_of(project: Versioned) -> str:
    return project.world.project().settings.base.path


def lines_of(files: Iterable[bytes]) -> Counter[str]:
    return Counter(
        line for data in files for line in data.decode(errors="replace").splitlines() if line.strip()
    )


@cache
def files_with_it(layout: str, folder: Path) -> dict[str, bytes]:
    """A layout with the feature in version 1, made once."""
    files = dict(PROJECT) if layout == "small" else layout_files(layout, folder)
    return Versioned.added(files).files


WAYS = [("small", to, git) for to in (2, 3) for git in (True, False)] + [
    (layout, 3, True) for layout in LAYOUTS
]


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__)
@pytest.mark.parametrize(("layout", "to", "git"), WAYS)
def test_nothing_of_the_users_is_lost(
    layout: str, hand: Callable[[Versioned], None], to: int, git: bool, folder: Path
) -> None:
    files = dict(PROJECT) if layout == "small" else layout_files(layout, folder)
    ours = files_with_it(layout, folder)
    project = Versioned(dict(ours), catalog(1))
    project.past = {path: [data] for path, data in ours.items()} if git else {}
    ours = dict(ours)
    hand(project)
    edited = dict(project.files)
    del ours[MANIFEST], edited[MANIFEST]
    theirs = lines_of(edited.values()) - lines_of(ours.values())
    prepared = project.upgrade(to)
    assert not theirs - lines_of(project.files.values())
    for path in ours.keys() - edited.keys():
        assert path not in project.files, "what was deleted stays deleted"
    assert project.world.manifest().features["synthetic"].version == to
    if git:
        # Version 3 adds to the end, from where something was moved away: git calls that a conflict as well.
        assert bool(prepared.conflicts) == (hand is conflict or (hand is move_lines and to == 3))
    for one in prepared.conflicts:
        assert project.text(one.path).splitlines()[(one.line or 0) - 1] == "<<<<<<< yours"
    assert bool(drift([project.status()])) == bool(prepared.conflicts), "nothing else is left to complain of"
    again = project.upgrade(to) if not prepared.conflicts else None
    assert again is None or not again.changes
    back = project.copy()
    removed = prepare_remove(back.world, ("synthetic",))
    assert not removed.problems
    removed.commit(back.world)
    assert MANIFEST not in back.files
    assert not theirs - lines_of(back.files.values())
    for path in back.files.keys() & ours.keys() - files.keys() - FILES.keys():
        assert path in {todo.path for todo in removed.todos} or path == NOTES


@pytest.mark.parametrize("to", [2, 3])
def test_changed_lines_and_ours_are_merged(project: Versioned, to: int) -> None:
    change_lines(project)
    insert_lines(project)
    project.upgrade(to)
    wanted = tools(to).replace("print('fourth', 'begins')", "log('fourth', 'begins')")
    wanted = wanted.replace(
        "def fifth(value):\n", "def fifth(value):\n    # Mine, and it stays.\n    value += 1\n"
    )
    assert project.text(TOOLS) == wanted
    assert project.status().state == "installed"


def test_the_base_of_the_next_upgrade_is_what_the_last_one_wrote(project: Versioned) -> None:
    change_lines(project)
    project.past = {path: [project.past[path][0]] for path in (TOOLS,)}
    assert not project.upgrade(2).conflicts
    project.past = {}
    insert_lines(project)
    assert not project.upgrade(3).conflicts
    assert "log('fourth', 'begins')" in project.text(TOOLS)
    assert "# Mine, and it stays." in project.text(TOOLS)
    assert "value, 3" in project.text(TOOLS)
    assert "def sixth" in project.text(TOOLS)


def test_no_base_is_a_conflict_and_never_an_overwrite() -> None:
    project = Versioned.added(dict(PROJECT), git=False)
    change_lines(project)
    prepared = project.upgrade(2)
    assert [(one.path, "not known any more" in one.why) for one in prepared.conflicts] == [(TOOLS, True)] * 2
    text = project.text(TOOLS)
    assert "log('fourth', 'begins')" in text
    assert "value, 1" in text
    assert "value, 2" in text
    assert "|||||||" not in text


def test_a_base_that_somebody_changed_in_the_manifest_is_none(project: Versioned) -> None:
    change_lines(project)
    project.upgrade(2)
    manifest = project.text(MANIFEST)
    assert 'base = "' in manifest
    good = manifest.partition('base = "')[2].partition('"')[0]
    for bad in (pack("another text\n"), "not packed", ""):
        other = Versioned(dict(project.files), project.catalog)
        other.past = {}
        other.files[MANIFEST] = manifest.replace(good, bad).encode()
        assert other.upgrade(3).conflicts
    assert unpack(pack("é\r\n")) == "é\r\n"


# Conflicts


def test_a_conflict_is_marked_said_and_settled(project: Versioned) -> None:
    conflict(project)
    prepared = project.upgrade(2)
    (found,) = prepared.conflicts
    line = project.text(TOOLS).splitlines().index("<<<<<<< yours") + 1
    assert found.where == f"{TOOLS}:{line}"
    assert any(found.where in todo.text for todo in prepared.todos)
    lines = project.text(TOOLS).splitlines()[line - 1 : line + 6]
    assert lines == [
        "<<<<<<< yours",
        "    result = [value, 'mine']",
        "||||||| djroadmap synthetic 1",
        "    result = [value, 1]",
        "=======",
        "    result = [value, 2]",
        ">>>>>>> djroadmap synthetic 2",
    ]
    status = project.status()
    assert (status.state, [missing.where for missing in status.conflicts]) == ("partial", [found.where])
    assert drift([status])
    for version in (2, 3):
        refused = project.plan_upgrade(version)
        assert [problem.where for problem in refused.problems] == [found.where]
        assert refused.paths == ()
    project.files[TOOLS] = tools(2).replace("value, 2", "value, 2, 'mine'").encode()
    project.catalog = catalog(2)
    assert project.status().state == "installed"
    settled = project.upgrade(2)
    assert settled.paths == (MANIFEST,)
    assert f"{TOOLS}: its conflicts are resolved" in settled.notes
    assert b"conflict" not in project.files[MANIFEST]
    assert project.upgrade(2).notes == ("synthetic is up to date",)
    assert [one.path for one in project.upgrade(3).conflicts] == [TOOLS]


def test_a_resolved_conflict_is_settled_by_the_next_version(project: Versioned) -> None:
    conflict(project)
    project.upgrade(2)
    project.files[TOOLS] = tools(2).encode()
    assert not project.upgrade(3).conflicts
    assert project.text(TOOLS) == tools(3)
    assert b"conflict" not in project.files[MANIFEST]


def test_a_conflict_whose_file_is_deleted_is_over(project: Versioned) -> None:
    conflict(project)
    project.upgrade(2)
    del project.files[TOOLS]
    assert not project.status().conflicts
    project.upgrade(3)
    assert TOOLS not in project.files


def test_half_resolved_is_not_resolved(project: Versioned) -> None:
    conflict(project)
    project.upgrade(2)
    project.edit(TOOLS, "<<<<<<< yours\n", "")
    assert project.status().conflicts
    assert project.plan_upgrade(2).problems


@pytest.mark.parametrize("resolved", [False, True])
def test_taking_away_what_has_a_conflict_says_so(project: Versioned, resolved: bool) -> None:
    conflict(project)
    (found,) = project.upgrade(2).conflicts
    if resolved:
        project.files[TOOLS] = tools(2).replace("value, 2", "value, 2, 'mine'").encode()
    (said,) = [todo.text for todo in project.remove("synthetic").todos if todo.path == TOOLS]
    conflict_left = f"{TOOLS}:{found.line}: the conflict that upgrading synthetic left is not resolved, so the file is kept"
    assert said == (f"{TOOLS}: edited since djroadmap wrote it, so it is kept" if resolved else conflict_left)
    assert TOOLS in project.files


# Files that went elsewhere


def test_a_deleted_file_stays_deleted_and_add_writes_it(project: Versioned) -> None:
    delete_file(project)
    prepared = project.upgrade(3)
    assert any("was deleted by you and stays deleted" in note for note in prepared.notes)
    status = project.status()
    assert (status.state, [out.path for out in status.out]) == ("installed", [TOOLS])
    assert project.upgrade(3).notes == ("synthetic is up to date",), "that was said"
    project.add("synthetic")
    assert not project.status().out
    assert project.text(TOOLS) == tools(3)
    project.remove("synthetic")
    assert project.files == SMALL


@pytest.mark.parametrize("git", [True, False])
def test_a_file_renamed_by_its_owner_is_found_and_not_written_again(git: bool) -> None:
    project = Versioned.added(dict(PROJECT), git=git)
    project.files["site/helpers.py"] = project.files.pop(TOOLS)
    prepared = project.upgrade(2)
    assert TOOLS not in project.files
    (todo,) = [todo for todo in prepared.todos if todo.path == "site/helpers.py"]
    assert "-    result = [value, 1]\n+    result = [value, 2]" in todo.snippet
    assert "+++ b/site/helpers.py" in todo.snippet
    assert project.files["site/helpers.py"] == tools(1).encode()


def test_the_edits_of_a_file_go_along_when_it_is_renamed(project: Versioned) -> None:
    edit_a_file_that_is_renamed(project)
    prepared = project.upgrade(2)
    assert CHECK not in project.files
    assert "assert 2\n" in project.text(TEST)
    assert "assert 'mine'\n" in project.text(TEST)
    assert any(note.startswith(f"{CHECK} is called {TEST} now") for note in prepared.notes)
    assert project.status().state == "installed"


def test_a_file_that_was_deleted_stays_deleted_under_its_new_name(project: Versioned) -> None:
    del project.files[CHECK]
    project.upgrade(2)
    assert not {CHECK, TEST} & project.files.keys()


@pytest.mark.parametrize("edited", [True, False])
def test_a_file_that_moved_with_its_app_is_ours_there(edited: bool) -> None:
    def newer(version: int) -> Feature:
        def plan(project: Project, options: Any) -> Plan:
            folder = "store" if project.tree.exists("store/apps.py") else "shop"
            return Plan((WholeFile(path=f"{folder}/tools.py", content=tools(version)),))

        return feature("a", plan=plan, version=version)

    project = Versioned({**PROJECT, "shop/apps.py": b""}, Catalog.of([newer(1)]))
    project.add("a")
    project.past = {"shop/tools.py": [project.files["shop/tools.py"]]}
    for name in ("apps.py", "tools.py"):
        project.files[f"store/{name}"] = project.files.pop(f"shop/{name}")
    if edited:
        project.edit("store/tools.py", "def fifth", "# Mine.\ndef fifth")
    project.catalog = Catalog.of([newer(2)])
    prepared = prepare_upgrade(project.world._replace(versions=project.versions), ())
    assert not prepared.problems
    prepared.commit(project.world)
    wanted = tools(2).replace("def fifth", "# Mine.\ndef fifth") if edited else tools(2)
    assert project.text("store/tools.py") == wanted
    assert "shop/tools.py" not in project.files
    project.remove("a")
    assert ("store/tools.py" in project.files) == edited


def test_a_dropped_file_that_was_edited_stays_and_is_named(project: Versioned) -> None:
    edit_a_file_that_is_dropped(project)
    prepared = project.upgrade(3)
    assert "mine" in project.text(NOTES)
    assert [todo.path for todo in prepared.todos] == [NOTES]
    assert "leaves it to you from now on: edited since" in prepared.todos[0].text


# Edits of shared files


def test_a_tuned_setting_stays_and_is_named(project: Versioned) -> None:
    tune_a_setting(project)
    prepared = project.upgrade(2)
    assert "SYNTHETIC_LIMIT = 99  # mine\n" in project.text("site/settings.py")
    assert [(todo.path, todo.snippet) for todo in prepared.todos] == [
        ("site/settings.py", "SYNTHETIC_LIMIT = 20")
    ]
    assert project.status().state == "installed"
    removed = project.remove("synthetic")
    assert "SYNTHETIC_LIMIT = 99" in project.text("site/settings.py")
    assert any("SYNTHETIC_LIMIT" in todo.text for todo in removed.todos)


def test_a_comment_on_what_is_removed_is_kept_and_named(project: Versioned) -> None:
    comment_a_setting_that_is_dropped(project)
    removed = project.remove("synthetic")
    assert "SYNTHETIC_OLD = True  # until May\n" in project.text(SETTINGS)
    assert [todo.text for todo in removed.todos] == [
        f'{SETTINGS}: you wrote "# until May" on SYNTHETIC_OLD = True, so it is kept'
    ]


def test_a_comment_on_what_goes_elsewhere_is_kept_and_named() -> None:
    before, after = (
        edits.Middleware(path=SETTINGS, middleware="m.M", after=(name,)) for name in ("a.A", "c.C")
    )
    project = two(feature("a", before), feature("a", after, version=2), {SETTINGS: MANY})
    project.files[SETTINGS] = project.files[SETTINGS].replace(b'    "m.M",\n', b'    "m.M",  # not last\n')
    prepared = upgraded(project)
    assert b'    "m.M",  # not last\n' in project.files[SETTINGS]
    (todo,) = [todo for todo in prepared.todos if todo.path]
    assert (
        'stays, since you wrote "# not last" on "m.M" in MIDDLEWARE; a 2 would have it like this' in todo.text
    )


def test_what_was_taken_out_stays_out(project: Versioned) -> None:
    take_a_setting_out(project)
    prepared = project.upgrade(2)
    assert "SYNTHETIC_LIMIT" not in project.text("site/settings.py")
    assert any("SYNTHETIC_LIMIT" in note and "stays out" in note for note in prepared.notes)
    status = project.status()
    assert (status.state, [out.what for out in status.out]) == ("installed", ["SYNTHETIC_LIMIT = 20"])
    assert not any("stays out" in note for note in project.upgrade(3).notes), "that was said"
    assert "SYNTHETIC_LIMIT" not in project.text("site/settings.py")
    project.add("synthetic")
    assert "SYNTHETIC_LIMIT = 30\n" in project.text("site/settings.py")
    project.remove("synthetic")
    assert "SYNTHETIC" not in project.text("site/settings.py")


def test_what_came_back_and_goes_again_is_missed(project: Versioned) -> None:
    take_a_setting_out(project)
    project.upgrade(2)
    project.files[SETTINGS] += b"SYNTHETIC_LIMIT = 7\n"
    project.upgrade(3)
    assert not project.status().out
    project.files[SETTINGS] = project.files[SETTINGS].replace(b"SYNTHETIC_LIMIT = 7\n", b"")
    assert [missing.what for missing in project.status().missing] == ["SYNTHETIC_LIMIT = 30"]


@pytest.mark.parametrize("hand", [delete_file, take_a_setting_out, move_a_line])
def test_upgrade_by_name_leaves_out_what_is_gone(
    project: Versioned, hand: Callable[[Versioned], None]
) -> None:
    hand(project)
    gone = project.status().missing
    unnamed = project.plan_upgrade(1)
    assert not unnamed.changes, "nobody said that it is meant to be so"
    more = ", but not whole: djroadmap check" if gone else ""
    assert unnamed.notes == (f"synthetic is up to date{more}",)
    prepared = project.plan_upgrade(1, "synthetic")
    assert prepared.paths == ((MANIFEST,) if gone else ())
    assert len([note for note in prepared.notes if "stays out" in note]) == len(gone)
    prepared.commit(project.world)
    assert (project.status().state, project.status().out) == ("installed", gone)
    assert not project.plan_upgrade(1, "synthetic").changes


def test_what_is_needed_is_put_right_but_for_what_was_left_out() -> None:
    base = feature("base", ignore("one"), ignore("two"))
    others = [feature(name, ignore(name), requires=("base",)) for name in ("a", "b")]
    project = Memory(dict(PROJECT), Catalog.of([base, *others]))
    project.add("a")
    project.files[".gitignore"] = project.files[".gitignore"].replace(b"one\n", b"")
    upgraded(project, "base")
    project.files[".gitignore"] = project.files[".gitignore"].replace(b"two\n", b"")
    project.add("b")
    assert sorted(project.files[".gitignore"].split()) == [b"*.pyc", b"a", b"b", b"two"]
    for name in "ab":
        project.remove(name)
    assert project.files == PROJECT


def test_what_was_taken_out_of_what_nobody_sees_stays_out() -> None:
    base = feature("base", ignore("base"), internal=True)
    project = Memory(dict(PROJECT), Catalog.of([base, feature("a", ignore("a"), requires=("base",))]))
    project.add("a")
    project.files[".gitignore"] = project.files[".gitignore"].replace(b"base\n", b"")
    upgraded(project, "a")
    found = statuses(
        project.world.project(), project.world.manifest(), project.catalog.public(), project.catalog
    )
    assert not drift(found)
    project.add("a")
    assert b"base\n" in project.files[".gitignore"]
    project.remove("a")
    assert project.files == PROJECT


def test_a_line_is_changed_where_its_owner_put_it(project: Versioned) -> None:
    move_a_line(project)
    project.upgrade(2)
    assert project.files[IGNORE] == b"/cache2/\n*.pyc\n/mine/\n/build/\n/synthetic/\n"


def test_what_is_new_and_already_there_belongs_to_the_user(project: Versioned) -> None:
    project.files["site/settings.py"] += b'SYNTHETIC_NEW = ["a", "b"]\n'
    project.upgrade(3)
    project.remove("synthetic")
    # The blank line between what is ours and what is theirs is anybody's.
    assert (
        project.text("site/settings.py")
        .replace("\n\n", "\n")
        .endswith('.urls"\nSYNTHETIC_NEW = ["a", "b"]\n')
    )


def test_what_cannot_be_made_is_refused_or_left(project: Versioned) -> None:
    project.files["site/settings.py"] += b"SYNTHETIC_NEW = load()\n"
    prepared = project.plan_upgrade(3)
    assert [problem.path for problem in prepared.problems] == ["site/settings.py"]
    assert prepared.skippable
    partly = prepare_upgrade(project.world._replace(versions=project.versions), (), partial=True)
    assert partly.left == ("synthetic",)
    partly.commit(project.world)
    assert project.status().state == "partial"
    assert [missing.path for missing in project.status().left] == ["site/settings.py"]


def plan_of(*edits: Edit) -> Any:
    return lambda project, options: Plan(edits)


def two(old: Feature, new: Feature, files: dict[str, bytes] | None = None, *others: Feature) -> Memory:
    """A project with a feature, and its newer version in the catalogue."""
    project = Memory({**PROJECT, **(files or {})}, Catalog.of([old, *others]))
    project.add(old.id)
    project.catalog = Catalog.of([new, *others])
    return project


def upgraded(project: Memory, *names: str) -> Prepared:
    prepared = prepare_upgrade(project.world, names)
    assert not prepared.problems, [str(problem) for problem in prepared.problems]
    prepared.commit(project.world)
    return prepared


def test_a_bumped_version_is_not_lowered() -> None:
    def package(version: str) -> Requirement:
        return Requirement(path="requirements.txt", name="django-a", specifier=f"=={version}")

    old, new = feature("a", package("1.0")), feature("a", package("2.0"), version=2)
    project = two(old, new, {"requirements.txt": b"django==5.2\n"})
    other = project.copy()
    upgraded(project)
    assert project.files["requirements.txt"] == b"django==5.2\ndjango-a==2.0\n"
    other.files["requirements.txt"] = b"django==5.2\ndjango-a==1.5\n"
    prepared = upgraded(other)
    assert other.files["requirements.txt"] == b"django==5.2\ndjango-a==1.5\n"
    assert any(todo.snippet == "django-a==2.0" for todo in prepared.todos)


def test_what_two_features_share_changes_with_the_last_of_them() -> None:
    def limit(value: int) -> Setting:
        return Setting(path="site/settings.py", name="LIMIT", value=str(value))

    features = [feature("a", limit(1), ignore("a")), feature("b", limit(1), ignore("b"))]
    project = Memory(dict(PROJECT), Catalog.of(features))
    project.add("a", "b")
    project.catalog = Catalog.of(
        [feature("a", limit(2), ignore("a"), version=2), feature("b", limit(2), ignore("b"), version=2)]
    )
    upgraded(project, "a")
    assert b"LIMIT = 1\n" in project.files["site/settings.py"]
    upgraded(project, "b")
    assert b"LIMIT = 2\n" in project.files["site/settings.py"]
    project.remove("a")
    project.remove("b")
    assert project.files == PROJECT


@pytest.mark.parametrize("names", [("a",), ("b",), ()])
def test_a_shared_file_is_known_to_all_that_own_it(names: tuple[str, ...]) -> None:
    def shared(version: int) -> tuple[Feature, Feature]:
        file = WholeFile(path="x/shared.txt", content=f"version {version}\n")
        one, other = (feature(name, file, ignore(name), version=version) for name in "ab")
        return one, other

    project = Memory(dict(PROJECT), Catalog.of(shared(1)))
    project.add("a", "b")
    project.catalog = Catalog.of(shared(2))
    upgraded(project, *names)
    assert project.files["x/shared.txt"] == b"version 2\n"
    for name in "ab":
        assert not project.remove(name).todos
    assert project.files == PROJECT


def test_what_another_feature_wrote_into_our_file_is_written_again() -> None:
    def content(version: int) -> WholeFile:
        return WholeFile(path="list.txt", content=f"one\nversion {version}\n")

    old, new = feature("a", content(1)), feature("a", content(2), version=2)
    other = feature("b", Line(path="list.txt", line="of b"), requires=("a",))
    project = two(old, new, None, other)
    project.catalog = Catalog.of([old, other])
    project.add("b")
    project.catalog = Catalog.of([new, other])
    upgraded(project)
    assert project.files["list.txt"] == b"one\nversion 2\nof b\n"
    project.remove("b")
    assert project.files["list.txt"] == b"one\nversion 2\n"
    project.remove("a")
    assert project.files == PROJECT


def test_an_import_goes_after_what_used_it() -> None:
    urls = b"from django.urls import path\n\nurlpatterns = []\n"
    old = [
        edits.Import(path="site/urls.py", module="a.old", name="view"),
        edits.UrlPattern(path="site/urls.py", pattern='path("a/", view)'),
    ]
    new = [
        edits.Import(path="site/urls.py", module="a.new", name="page"),
        edits.UrlPattern(path="site/urls.py", pattern='path("a/", page)'),
    ]
    project = two(feature("a", *old), feature("a", *new, version=2), {"site/urls.py": urls})
    added = project.files["site/urls.py"]
    without = project.copy()
    without.files["site/urls.py"] = added.replace(b'path("a/", view)', b"")
    assert any("stays out" in note for note in upgraded(without).notes)
    assert b'"a/"' not in without.files["site/urls.py"]
    upgraded(project)
    assert project.files["site/urls.py"] == added.replace(b"a.old import view", b"a.new import page").replace(
        b"view", b"page"
    )
    project.remove("a")
    assert project.files == {**PROJECT, "site/urls.py": urls}


def module_that_moves(module: str) -> list[Edit]:
    return [
        WholeFile(path=f"site/{module}.py", content="class Mine:\n    pass\n"),
        edits.Import(path="site/settings.py", module=f"site.{module}", name="Mine"),
        Setting(path="site/settings.py", name="MINE", value="Mine()"),
    ]


def test_a_name_is_imported_from_where_the_newer_version_has_it() -> None:
    old = feature("a", *module_that_moves("old"))
    project = two(old, feature("a", *module_that_moves("new"), version=2))
    before, used = project.copy(), project.copy()
    assert not upgraded(project).todos[1:]
    assert project.files["site/settings.py"] == before.files["site/settings.py"].replace(b"old", b"new")
    assert "site/old.py" not in project.files
    fresh = Memory(dict(PROJECT), project.catalog)
    fresh.add("a")
    assert project.files == fresh.files
    project.remove("a")
    assert project.files == PROJECT

    used.files["site/settings.py"] += b"ALSO = Mine\n"
    upgraded(used)
    assert b"site.old" not in used.files["site/settings.py"]
    used.remove("a")  # what its owner uses is kept
    assert b"from site.new import Mine" in used.files["site/settings.py"]


def test_a_changed_dependency_says_how_it_is_installed() -> None:
    old = Requirement(path="requirements.txt", name="mine", specifier="==1.0")
    files = {"requirements.txt": b"django==5.2\n"}
    project = two(feature("a", old), feature("a", old.with_(specifier="==2.0"), version=2), files)
    assert [str(command) for command in upgraded(project).commands] == [
        "python -m pip install -r requirements.txt",
        "echo a",
    ]
    project.catalog = Catalog.of([feature("a", ignore("a"), version=3)])
    assert "python -m pip install -r requirements.txt" in map(str, upgraded(project).commands)
    assert project.files["requirements.txt"] == b"django==5.2\n"


def test_a_file_that_is_no_text_any_more_is_refused(project: Versioned) -> None:
    project.files[TOOLS] = b"\xff\xfe\xfa\x00\xd8"
    prepared = project.plan_upgrade(2)
    assert [problem.path for problem in prepared.problems] == [TOOLS]


def test_a_conflict_goes_along_with_the_new_name(project: Versioned) -> None:
    project.edit(CHECK, "assert 1\n", "assert 'mine'\n")
    (conflict,) = project.upgrade(2).conflicts
    assert conflict.path == TEST
    assert CHECK not in project.files
    assert [missing.where for missing in project.status().conflicts] == [conflict.where]


def test_a_folder_that_is_no_longer_needed_is_dropped() -> None:
    old = feature("a", WholeFile(path="x/y/a.txt", content="a\n"), WholeFile(path="x/b.txt", content="b\n"))
    project = two(old, feature("a", WholeFile(path="x/b.txt", content="b\n"), version=2))
    prepared = upgraded(project)
    assert prepared.drop_empty == ("x/y",)
    assert project.world.manifest().features["a"].folders == ("x",)
    assert project.remove("a").drop_empty == ("x",)
    assert project.files == PROJECT


def test_a_file_that_becomes_a_program_is_named() -> None:
    old = feature("a", WholeFile(path="run", content="1\n"))
    project = two(old, feature("a", WholeFile(path="run", content="2\n", executable=True), version=2))
    assert "chmod +x run" in [str(command) for command in upgraded(project).commands]
    assert project.files["run"] == b"2\n"


def test_what_was_left_to_the_user_is_tried_again() -> None:
    new = Setting(path="site/settings.py", name="A", value="2")
    project = Memory(dict(PROJECT), Catalog.of([feature("a", ignore("a"), new.with_(value="1"))]))
    project.files["site/settings.py"] += b"A = load()\n"
    project.plan("a", partial=True).commit(project.world)
    project.catalog = Catalog.of([feature("a", ignore("a"), new, version=2)])
    prepared = upgraded(project)
    assert prepared.left == ("a",)
    assert any(todo.snippet == "A = 2" for todo in prepared.todos)
    project.files["site/settings.py"] = PROJECT["site/settings.py"]
    project.catalog = Catalog.of([feature("a", ignore("a"), new.with_(value="3"), version=3)])
    upgraded(project)
    assert b"A = 3\n" in project.files["site/settings.py"]
    project.remove("a")
    assert project.files == PROJECT


def test_a_new_file_where_the_user_has_one_is_refused() -> None:
    new = feature("a", ignore("a"), WholeFile(path="a.txt", content="a\n"), version=2)
    project = two(feature("a", ignore("a")), new, {"a.txt": b"mine\n"})
    prepared = prepare_upgrade(project.world, ())
    assert [(problem.path, problem.why) for problem in prepared.problems] == [
        ("a.txt", "exists already with other content")
    ]


# What a newer version needs, and who knows it


def test_what_a_newer_version_needs_comes_along() -> None:
    base = feature("base", ignore("base"))
    old = feature("a", ignore("a"))
    new = feature("a", ignore("a2"), version=2, requires=("base",))
    project = two(old, new, None, base)
    prepared = upgraded(project, "a")
    assert prepared.along == ("base",)
    assert project.files[".gitignore"] == b"*.pyc\na2\nbase\n" or b"base\na2\n" in project.files[".gitignore"]
    assert project.world.manifest().features["base"].automatic
    project.remove("a")
    assert project.files == PROJECT


def test_what_a_newer_version_needs_no_more_is_named() -> None:
    base = feature("base", ignore("base"))
    project = Memory(dict(PROJECT), Catalog.of([base, feature("a", ignore("a"), requires=("base",))]))
    project.add("a")
    project.catalog = Catalog.of([base, feature("a", ignore("a"), version=2)])
    assert any("nothing needs base any more" in note for note in upgraded(project).notes)
    project.remove("base")
    project.remove("a")
    assert project.files == PROJECT


def test_an_older_prerequisite_is_upgraded_first() -> None:
    features = [feature("base", ignore("base1")), feature("a", ignore("a1"), requires=("base",))]
    project = Memory(dict(PROJECT), Catalog.of(features))
    project.add("a")
    project.catalog = Catalog.of(
        [
            feature("base", ignore("base2"), version=2),
            feature("a", ignore("a2"), version=2, requires=("base",)),
        ]
    )
    prepared = upgraded(project, "a")
    assert prepared.along == ("base",)
    assert sorted(project.files[".gitignore"].split()) == [b"*.pyc", b"a2", b"base2"]


def test_options_are_kept_and_new_ones_have_their_defaults() -> None:
    project = Versioned({**PROJECT, **FILES}, catalog(1))
    project.add("synthetic --color blue")
    project.past = {}
    project.upgrade(2)
    assert dict(project.world.manifest().features["synthetic"].options) == {"color": "blue", "size": 7}
    assert 'SYNTHETIC_COLOR = "blue"' in project.text("site/settings.py")


def test_an_option_that_means_nothing_any_more_is_refused() -> None:
    project = Versioned.added(dict(PROJECT))
    project.files[MANIFEST] = project.files[MANIFEST].replace(b'"red"', b'"green"', 1)
    (problem,) = project.plan_upgrade(2).problems
    assert "color = green is no choice any more" in problem.why


class Fewer(NamedTuple):
    """The color is gone."""


class Required(NamedTuple):
    """One without a default."""

    name: Annotated[str, Option(help="Which")]


def test_options_that_come_and_go() -> None:
    project = Versioned.added(dict(PROJECT))
    plan = plan_of(ignore("a"))
    project.catalog = Catalog.of([synthetic(2, options=Fewer, plan=plan)])
    prepared = prepare_upgrade(project.world, ())
    assert not prepared.problems
    assert "synthetic has no option color any more; it was red" in prepared.notes
    project.catalog = Catalog.of([synthetic(2, options=Required, plan=plan)])
    (problem,) = prepare_upgrade(project.world, ()).problems
    assert "an option is new and has to be given" in problem.why
    assert problem.snippet == "djroadmap remove synthetic && djroadmap add synthetic"


def test_a_conflict_in_one_feature_does_not_hold_up_the_others() -> None:
    def notes(name: str, version: int) -> Feature:
        file = WholeFile(path=f"{name}.txt", content=f"one\ntwo {version}\nthree\n")
        return feature(name, file, ignore(f"{name}{version}"), version=version)

    project = Memory(dict(PROJECT), Catalog.of([notes("a", 1), notes("b", 1)]))
    project.add("a", "b")
    past = dict(project.files)
    project.files["a.txt"] = b"one\nmine\nthree\n"
    project.catalog = Catalog.of([notes("a", 2), notes("b", 2)])
    world = project.world._replace(versions=lambda path: [past[path]])
    prepared = prepare_upgrade(world, ())
    assert [one.where for one in prepared.conflicts] == ["a.txt:2"]
    prepared.commit(project.world)
    assert project.files["b.txt"] == b"one\ntwo 2\nthree\n"
    project.catalog = Catalog.of([notes("a", 3), notes("b", 3)])
    assert [problem.where for problem in prepare_upgrade(project.world, ()).problems] == ["a.txt:2"]
    upgraded(project, "b")
    assert project.files["b.txt"] == b"one\ntwo 3\nthree\n"
    assert b"<<<<<<< yours" in project.files["a.txt"]
    project.catalog = Catalog.of([notes("a", 2), notes("b", 3)])
    assert project.plan("a").paths == (), "add has nothing to do with it"
    assert [todo.path for todo in project.remove("a").todos] == ["a.txt"]


def test_one_that_cannot_be_upgraded_is_the_problem_of_all() -> None:
    def limit(version: int) -> Feature:
        value = Setting(path=SETTINGS, name="LIMIT", value="1")
        return feature("b", ignore(f"b{version}"), *([value] if version > 1 else []), version=version)

    project = Memory(dict(PROJECT), Catalog.of([feature("a", ignore("a1")), limit(1)]))
    project.add("a", "b")
    project.files[SETTINGS] += b"LIMIT = load()\n"
    project.catalog = Catalog.of([feature("a", ignore("a2"), version=2), limit(2)])
    assert [problem.path for problem in prepare_upgrade(project.world, ()).problems] == [SETTINGS]
    assert upgraded(project, "a").paths == (MANIFEST, ".gitignore")
    assert b"a2\n" in project.files[".gitignore"]


def test_the_whole_file_taken_back_from_git_is_a_choice(project: Versioned) -> None:
    conflict(project)
    mine = project.files[TOOLS]
    project.upgrade(2)
    project.files[TOOLS] = mine
    assert project.status().state == "installed"
    assert f"{TOOLS}: its conflicts are resolved" in project.upgrade(2).notes
    assert project.files[TOOLS] == mine
    project.upgrade(3)
    assert "result = [value, 'mine']" in project.text(TOOLS)


def test_nothing_newer_and_something_newer_than_us(project: Versioned) -> None:
    assert project.upgrade(1).notes == ("synthetic is up to date",)
    project.upgrade(3)
    prepared = project.plan_upgrade(2)
    assert not prepared.changes
    assert "a newer djroadmap" in prepared.notes[0]


def test_a_feature_that_is_gone_from_the_catalogue_is_passed_over(project: Versioned) -> None:
    project.catalog = Catalog.of([feature("other")])
    prepared = prepare_upgrade(project.world, ())
    assert "not known to this djroadmap" in prepared.notes[0]
    assert not prepared.changes
    with pytest.raises(UsageError, match="there is no feature called 'synthetic'"):
        prepare_upgrade(project.world, ("synthetic",))
    assert prepare_remove(project.world, ("synthetic",)).changes


def test_a_newer_version_that_does_not_apply_is_refused(project: Versioned) -> None:
    project.catalog = Catalog.of([synthetic(2, supports=lambda _: "no reason at all")])
    (problem,) = prepare_upgrade(project.world, ()).problems
    assert "does not apply any more: no reason at all" in problem.why


def test_outdated_and_broken_says_what_comes_first(project: Versioned) -> None:
    delete_file(project)
    project.catalog = catalog(2)
    status = project.status()
    assert (status.state, "version 1 is installed, 2 is current" in status.reason) == ("partial", True)
    assert [problem.snippet for problem in project.plan("synthetic").problems] == [
        "djroadmap upgrade synthetic"
    ]


# Edited at random

EDITS = st.lists(
    st.tuples(
        st.sampled_from([TOOLS, CHECK, NOTES, IGNORE, CI, "site/settings.py"]),
        st.sampled_from(["insert", "delete", "move"]),
        st.integers(0, 100),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("git", [True, False], ids=["git", "no git"])
@given(edits=EDITS, way=st.sampled_from([(2,), (3,), (2, 3)]))
@settings(max_examples=100)
def test_no_line_of_the_users_is_lost_whatever_they_did(
    git: bool, edits: list[tuple[str, str, int, int]], way: tuple[int, ...]
) -> None:
    project = Versioned.added(dict(PROJECT), git=git)
    mine = []
    for number, (path, what, one, other) in enumerate(edits):
        lines = project.text(path).splitlines(keepends=True)
        at, to = one % (len(lines) + 1), other % (len(lines) + 1)
        if what == "insert":
            lines.insert(at, f"# mine {number}\n")
            mine.append(f"# mine {number}")
        elif lines[at:]:
            line = lines.pop(at)
            if what == "move" and path != CI:
                lines.insert(to, line)
        project.files[path] = "".join(lines).encode()
    before = lines_of(project.files.values())
    for version in way:
        prepared = project.plan_upgrade(version)
        if prepared.problems:  # said, and nothing is written
            break
        prepared.commit(project.world)
        if prepared.conflicts:
            break
    left = lines_of(project.files.values())
    assert [line for line in mine if left[line] < before[line]] == []


# Every kind of edit that may change

SETTINGS = "site/settings.py"
MANY = PROJECT[SETTINGS] + (
    b'MIDDLEWARE = [\n    "a.A",\n    "b.B",\n    "c.C",\n]\nCACHES = {"default": {"BACKEND": "x"}}\nORDER = [1, 2]\n'
)
DJANGO = b'[project]\nname = "x"\ndependencies = [\n    "django>=5",\n    "zeep==1",\n]\n\n[tool.other]\nname = 1\n'
VARIED: list[tuple[bytes, Edit, Edit]] = [
    (
        MANY,
        edits.Setting(path=SETTINGS, name="A", value="1"),
        edits.Setting(path=SETTINGS, name="A", value="[\n    1,\n]"),
    ),
    (
        MANY,
        edits.SettingKey(path=SETTINGS, name="CACHES", keys=("default", "KEY"), value="1"),
        edits.SettingKey(path=SETTINGS, name="CACHES", keys=("default", "KEY"), value="2"),
    ),
    (
        MANY,
        edits.Middleware(path=SETTINGS, middleware="m.M", after=("a.A",)),
        edits.Middleware(path=SETTINGS, middleware="m.M", after=("c.C",)),
    ),
    (
        MANY,
        edits.ListItem(path=SETTINGS, name="ORDER", value="3"),
        edits.ListItem(path=SETTINGS, name="ORDER", value="3", position="first"),
    ),
    (
        b"from django.urls import path\n\nurlpatterns = [\n    path('a/', a),\n]\n",
        edits.UrlPattern(path="site/urls.py", pattern='path("m/", m)'),
        edits.UrlPattern(path="site/urls.py", pattern='path("m/", m)', position="first"),
    ),
    (
        b"import os\n\n\ndef a():\n    pass\n",
        edits.Definition(path="site/more.py", code="def m():\n    return 1"),
        edits.Definition(path="site/more.py", code="def m():\n    x = 2\n    return x"),
    ),
    (
        b"a: 1\njobs:\n  x:\n    b: 2\n",
        edits.YamlKey(path="a.yml", keys=("jobs",), name="m", value="run: 1\n"),
        edits.YamlKey(path="a.yml", keys=("jobs",), name="m", value="run: 2\nwith: 3\n"),
    ),
    (
        b"a: 1\nsteps:\n  - name: A\n    run: a\n",
        edits.YamlItem(path="a.yml", keys=("steps",), item="- name: M\n  run: make check"),
        edits.YamlItem(path="a.yml", keys=("steps",), item="- name: M\n  run: make checks", before="A"),
    ),
    (
        DJANGO,
        edits.TomlKey(path="pyproject.toml", table="tool.other", name="m", value=1),
        edits.TomlKey(path="pyproject.toml", table="tool.other", name="m", value=[1, 2]),
    ),
    (
        DJANGO,
        edits.TomlTable(path="pyproject.toml", table="tool.mine", body="a = 1\n"),
        edits.TomlTable(path="pyproject.toml", table="tool.mine", body="a = 1\nb = 2\n"),
    ),
    (
        DJANGO,
        edits.Dependency(path="pyproject.toml", table="project.dependencies", requirement="mine==1.0"),
        edits.Dependency(path="pyproject.toml", table="project.dependencies", requirement="mine==2.0"),
    ),
    (
        b"django==5.2\nzeep==1\n",
        edits.Requirement(path="requirements.txt", name="mine", specifier="==1.0"),
        edits.Requirement(path="requirements.txt", name="mine", specifier="==2.0"),
    ),
    (
        b"django==5.2\nzeep==1.0\n",
        edits.VersionFloor(path="requirements.txt", name="zeep", floor="1.5"),
        edits.VersionFloor(path="requirements.txt", name="zeep", floor="1.7"),
    ),
    (
        b"[a]\nb = 1\n",
        edits.IniOption(path="setup.cfg", section="a", name="m", value="1"),
        edits.IniOption(path="setup.cfg", section="a", name="m", value="2"),
    ),
    (
        b"[a]\nb = 1\n",
        edits.IniSection(path="setup.cfg", section="mine", body="m = 1"),
        edits.IniSection(path="setup.cfg", section="mine", body="m = 1\nn = 2"),
    ),
    (
        b'{\n  "a": 1\n}\n',
        edits.JsonKey(path="a.json", name="m", value="1"),
        edits.JsonKey(path="a.json", name="m", value="[1, 2]"),
    ),
    (
        b"a\nb\nc\n",
        edits.Line(path="a.txt", line="m", after="a"),
        edits.Line(path="a.txt", line="m", after="b"),
    ),
    (
        b"# A\na=1\n\n# Z\nz=1\n",
        edits.Block(path="a.env", text="# Mine\nM=1\n"),
        edits.Block(path="a.env", text="# Mine\nM=1\nN=2\n"),
    ),
]


@pytest.mark.parametrize("more", [False, True], ids=["alone", "with others"])
@pytest.mark.parametrize(("text", "old", "new"), VARIED, ids=lambda value: getattr(value, "kind", ""))
def test_what_has_changed_is_as_if_added_today(text: bytes, old: Edit, new: Edit, more: bool) -> None:
    assert old.key != new.key
    others = [feature("b", plan=_beside(old))] if more else []
    files = {**PROJECT, old.path: text}
    project = two(feature("a", old), feature("a", new, version=2), files, *others)
    if more:
        project.catalog = Catalog.of([feature("a", old), *others])
        project.add("b")
        project.catalog = Catalog.of([feature("a", new, version=2), *others])
    prepared = upgraded(project, "a")
    assert not prepared.todos or [todo.text for todo in prepared.todos] == ["think of a"]
    assert new.holds(project.files[old.path].decode())
    if not more:
        fresh = Memory(dict(files), Catalog.of([feature("a", new, version=2)]))
        fresh.add("a")
        assert project.files[old.path].decode() == fresh.files[old.path].decode()
    for name in ("a", "b") if more else ("a",):
        project.remove(name)
    assert project.files == files


def _beside(edit: Edit) -> Any:
    """Another feature's edit of the same file, at its end."""
    line = {"py": "# of b", "toml": "# of b", "cfg": "# of b", "yml": "# of b"}.get(
        edit.path.rpartition(".")[2], "of-b"
    )
    kept = () if edit.path.endswith(".json") else (Line(path=edit.path, line=line),)
    return plan_of(ignore("b"), *kept)
