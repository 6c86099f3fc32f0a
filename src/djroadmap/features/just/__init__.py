"""just: recipes for everyday commands, beside those that the project has. https://just.systems"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.feature import Feature, Missing, Presence
from djroadmap.model.plan import Command, Plan, Todo
from djroadmap.planning.commands import tool_prefix
from djroadmap.planning.dependencies import dev_dependency
from djroadmap.planning.files import new_file
from djroadmap.planning.runners import LISTING

from .justfile import Justfile, paths_in, read
from .recipes import recipes, runner

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.feature import NoOptions
    from djroadmap.model.project import Project

FILE = "just/dev.just"
IMPORT = f"import '{FILE}'"
EXPECTED = ("test", "lint", "migrate", "ci")
"""The recipes that make a developer feel at home."""
FOREIGN_SHELLS = ("fish", "nu", "elvish", "xonsh", "pwsh", "powershell", "cmd")


def supports(project: Project) -> str | None:
    """Not where just itself would fail, or where recipes for `sh` would."""
    found = _paths(project)
    if len(found) > 1:
        return f"{' and '.join(found)} are both there, and just refuses to choose"
    shell = read(project.tree, found[0], ours=True).shell if found else None
    if shell and posixpath.basename(shell[0]).removesuffix(".exe") in FOREIGN_SHELLS:
        return f"{shell[1]}:{shell[2]}: the shell is {shell[0]}, and these recipes are written for sh"
    return None


def plan(project: Project, _options: NoOptions) -> Plan:
    """A file of the recipes that the project lacks, and one line that imports it."""
    justfile = _justfile(project, ours=False)
    wanted = recipes(project, justfile)
    if not wanted:
        return Plan()
    path = posixpath.join(justfile.folder, FILE)
    run = runner(project, justfile).replace("\\", "\\\\").replace('"', '\\"')
    return (
        new_file(path, "just", FILE, recipes=wanted, run=run)
        + _beginning(project, justfile)
        + Plan((edits.Block(path=justfile.path, text=IMPORT),))
    )


def presence(project: Project) -> Presence:
    """Which of the recipes that everybody looks for can be called, wherever they are defined."""
    justfile = _justfile(project, ours=True)
    possible = justfile.taken | {recipe.name for recipe in recipes(project, justfile)}
    expected = [name for name in EXPECTED if name in possible]
    return Presence(
        found=tuple(f"recipe {name}" for name in expected if name in justfile.taken),
        missing=tuple(
            Missing(path=justfile.path, what=f"recipe {name}")
            for name in expected
            if name not in justfile.taken
        ),
    )


def checks(project: Project, _options: NoOptions) -> tuple[Command, ...]:
    """just can read the recipes."""
    return (_list(project, _justfile(project, ours=True)),)


def _beginning(project: Project, justfile: Justfile) -> Plan:
    """The beginning of a new justfile, and just itself: where there was none, nobody has it yet."""
    listing = edits.Block(path=justfile.path, text=LISTING)
    text = project.tree.read(justfile.path)
    if text is not None and not listing.holds(text):
        return Plan(commands=(_list(project, justfile),))
    if project.docker.compose is not None:  # just runs outside the container, dependencies are inside
        install = Todo(
            text="install just on your machine, outside the container", snippet="uv tool install rust-just"
        )
        return Plan((listing,), commands=(_list(project, justfile),), todos=(install,))
    itself = dev_dependency(project, "rust-just", extra=True)
    return itself + Plan((listing,), commands=(_list(project, justfile, ours=bool(itself.edits)),))


def _list(project: Project, justfile: Justfile, *, ours: bool = False) -> Command:
    """`just --list`, in the project's environment if just is a dependency there."""
    inside = project.docker.compose is None and (ours or project.dependencies.has("rust-just"))
    prefix = tool_prefix(project) if inside else ()
    return Command(argv=(*prefix, "just", "--list"), why="see the recipes", cwd=justfile.folder)


def _justfile(project: Project, *, ours: bool) -> Justfile:
    """The project's justfile, or an empty one at the root."""
    found = _paths(project)
    return read(project.tree, found[0], ours=ours) if found else Justfile(path="justfile")


def _paths(project: Project) -> tuple[RelPath, ...]:
    """The justfiles of the root, or else of the folder of manage.py."""
    return paths_in(project.tree, "") or paths_in(project.tree, project.base)


FEATURE = Feature(
    id="just",
    title="Task recipes with just",
    summary="Recipes for tests, lint, migrations and more, run the way your project runs commands.",
    group="Developer experience",
    version=1,
    docs="https://just.systems/man/en/",
    plan=plan,
    supports=supports,
    presence=presence,
    checks=checks,
    links={"Install just": "https://just.systems/man/en/packages.html"},
)
