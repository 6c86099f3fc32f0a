"""Files that cannot be read for now, as in the middle of a merge: what is in them is not gone because of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.edits.toml_document import read_toml
from djroadmap.edits.yaml_document import Odd, compose
from djroadmap.errors import DjroadmapError, Problem, Refused
from djroadmap.regex import regex
from djroadmap.syntax.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.ports import Tree
    from djroadmap.model.project import Project

BEGINS = regex(r"(?m)^<<<<<<< ")
ENDS = regex(r"(?m)^>>>>>>> ")


def broken(found: Iterable[Edit], tree: Tree) -> tuple[Problem, ...]:
    """The files of these edits in which nobody can tell what is there, each once, with the reason.

    Files of our own are compared as a whole, so whatever is in them is what they have become.
    """
    paths = dict.fromkeys(edit.path for edit in found if not isinstance(edit, edits.WholeFile))
    return tuple(problem for path in paths if (problem := _problem(path, tree)) is not None)


def has_broken_settings(project: Project) -> bool:
    """Are there settings that nobody can read? Then it is not known which apps there are, for one."""
    paths = {module.path for module in project.settings.modules}
    return any(_problem(path, project.tree) is not None for path in sorted(paths))


def _problem(path: RelPath, tree: Tree) -> Problem | None:
    try:
        text = tree.read(path)
    except DjroadmapError:  # what cannot even be read is told by the edit
        return None
    if text is None:
        return None
    mark = BEGINS.search(text)
    if mark is not None and ENDS.search(text, mark.start()):
        why = "a merge conflict that is not resolved"
        return Problem(path=path, line=text.count("\n", 0, mark.start()) + 1, why=why)
    try:
        if path.endswith(".py"):
            parse(text)
        elif path.endswith(".toml"):
            read_toml(text, path=path)
        elif path.endswith((".yml", ".yaml")):
            compose(text)
    except SyntaxError as error:
        return Problem(path=path, line=error.lineno, why="cannot be parsed, so nobody can tell what is in it")
    except Refused as refused:
        return refused.problems[0]
    except Odd as odd:
        return Problem(path=path, line=None if odd.line is None else odd.line + 1, why=str(odd))
    return None
