"""A feature in three versions, which meets everything that may change between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from djroadmap import API_VERSION
from djroadmap.catalog import Catalog
from djroadmap.edits.files import WholeFile
from djroadmap.edits.lines import Line
from djroadmap.edits.python_lists import InstalledApp
from djroadmap.edits.python_settings import Setting
from djroadmap.edits.yaml_edits import YamlItem, YamlKey
from djroadmap.model.feature import Feature, Option
from djroadmap.model.plan import Command, Plan

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit
    from djroadmap.model.project import Project

TOOLS = "synthetic/tools.py"
CHECK, TEST = "synthetic/check.py", "synthetic/test_check.py"
NOTES = "synthetic/notes.md"
IGNORE, CI = ".synthetic-ignore", ".synthetic.yml"

FILES = {
    IGNORE: b"*.pyc\n/build/\n",
    CI: b"name: Ours\n\njobs:\n  check:\n    # As we do it.\n    steps:\n      - name: Install\n        run: make install\n",
}
"""What the project has besides, for the edits of shared files."""

FUNCTIONS = {
    name: f"def {name}(value):\n    print({name!r}, 'begins')\n    result = [value, {name!r}]\n    return result\n"
    for name in ("first", "second", "third", "fourth", "fifth")
}


def tools(version: int) -> str:
    """A module of five functions; each version changes the second one, and the last brings one more."""
    body = {**FUNCTIONS, "second": FUNCTIONS["second"].replace("value, 'second'", f"value, {version}")}
    if version == 3:
        body["sixth"] = FUNCTIONS["first"].replace("first", "sixth")
    return '"""Tools."""\n\n\n' + "\n\n".join(body.values())


def check(version: int) -> str:
    """A file that is called otherwise from version 2 on."""
    lines = [f"assert {number} == {number}\n" for number in range(1, 11)]
    lines[2] = f"assert {version}\n"
    return "".join(lines)


def notes() -> str:
    """A file that version 3 no longer has."""
    return "".join(f"note {number}\n" for number in range(1, 6))


class Options(NamedTuple):
    """The second is new in version 2."""

    color: Annotated[str, Option(help="Which", choices=("red", "blue"))] = "red"
    size: Annotated[int, Option(help="How much")] = 7


class OldOptions(NamedTuple):
    """As they were in version 1."""

    color: Annotated[str, Option(help="Which", choices=("red", "blue"))] = "red"


def edits(version: int, settings: str, color: str) -> tuple[Edit, ...]:
    """What the feature writes."""
    limit = {1: "10", 2: "20", 3: "30"}[version]
    found: list[Edit] = [
        WholeFile(path=TOOLS, content=tools(version)),
        WholeFile(path=CHECK if version == 1 else TEST, content=check(version)),
        InstalledApp(path=settings, app="synthetic"),
        Setting(path=settings, name="SYNTHETIC_LIMIT", value=limit),
        Setting(path=settings, name="SYNTHETIC_COLOR", value=f'"{color}"'),
        Line(path=IGNORE, line="/synthetic/"),
        Line(path=IGNORE, line=f"/cache{version}/"),
        YamlKey(
            path=CI, keys=("jobs",), name="synthetic", value=f"steps:\n  - run: make version-{version}\n"
        ),
        YamlItem(path=CI, keys=("jobs", "check", "steps"), item=f"- name: Synthetic\n  run: make v{version}"),
    ]
    if version > 1:
        found.append(InstalledApp(path=settings, app="synthetic.extra"))
    if version < 3:
        found.append(WholeFile(path=NOTES, content=notes()))
        found.append(Setting(path=settings, name="SYNTHETIC_OLD", value="True"))
    else:
        found.append(Setting(path=settings, name="SYNTHETIC_NEW", value='["a", "b"]'))
    return tuple(found)


def synthetic(version: int, **changes: Any) -> Feature:
    """The feature."""

    def plan(project: Project, options: Any) -> Plan:
        after = Command(argv=("echo", str(version)), why="to see")
        return Plan(edits(version, project.settings.base.path, options.color), commands=(after,))

    values: dict[str, Any] = {
        "id": "synthetic",
        "title": "Synthetic",
        "summary": "A feature in three versions",
        "group": "API",
        "version": version,
        "docs": "",
        "api": API_VERSION,
        "plan": plan,
        "options": OldOptions if version == 1 else Options,
        **changes,
    }
    return Feature(**values)


def catalog(version: int, *others: Feature) -> Catalog:
    """A catalogue with it in this version."""
    return Catalog.of([synthetic(version), *others])
