"""Where the project writes down what it depends on: style, manager, files, what is named."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap.model.project import Dependencies
from djroadmap.syntax.sources import dig, folder_of, join, section

from . import requirements
from .requirements import normalised, requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import Manager, Style
    from djroadmap.syntax.sources import Sources

    from .requirements import Parsed

DEV_GROUPS = ("dev", "development", "develop", "local", "test", "tests", "testing", "lint")
LOCKS: tuple[tuple[str, Manager], ...] = (
    ("uv.lock", "uv"),
    ("poetry.lock", "poetry"),
    ("pdm.lock", "pdm"),
    ("Pipfile.lock", "pipenv"),
)


class Home(NamedTuple):
    """A folder that may hold the project's dependencies."""

    folder: RelPath
    table: Mapping[str, Any]
    pipfile: Mapping[str, Any]
    parsed: tuple[Parsed, ...]


def dependencies_of(sources: Sources, base: RelPath) -> Dependencies:
    """Look in manage.py's folder and those above it; where Django is named is where dependencies live."""
    homes = [_home(sources, folder) for folder in _upwards(base)]
    styled = [(home, style) for home in homes for style in _styles(home)]
    naming = [pair for pair in styled if "django" in _names_of(*pair)]
    if not naming and (far := requirements.elsewhere(sources)):
        homes.append(Home("", homes[-1].table, {}, far))
        naming = [
            (homes[-1], style) for style in _styles(homes[-1]) if style in {"pip-tools", "requirements"}
        ]
    if not (naming or styled):
        return _nowhere(sources, homes)
    home, style = (naming or styled)[0]
    return _described(sources, home, style, homes)


def _upwards(folder: RelPath) -> list[RelPath]:
    found = [folder]
    while found[-1]:
        found.append(folder_of(found[-1]))
    return found


def _home(sources: Sources, folder: RelPath) -> Home:
    table, pipfile = (
        sources.table(join(folder, name)) if sources.exists(join(folder, name)) else {}
        for name in ("pyproject.toml", "Pipfile")
    )
    return Home(folder, table, pipfile, requirements.find(sources, folder, _dynamic(table, folder)))


def _dynamic(table: Mapping[str, Any], folder: RelPath) -> Iterator[RelPath]:
    """Requirements files that setuptools reads `dynamic` dependencies from."""
    dynamic = section(table, "tool", "setuptools", "dynamic")
    tables = [dynamic.get("dependencies"), *section(dynamic, "optional-dependencies").values()]
    for listed in tables:
        files = dig(listed, "file")
        for name in [files] if isinstance(files, str) else files if isinstance(files, list) else []:
            yield join(folder, str(name))


def _styles(home: Home) -> Iterator[Style]:
    """The styles that `home` has anything written in, the most binding first."""
    if dig(home.table, "project", "dependencies"):
        yield "pep621"
    if dig(home.table, "tool", "poetry", "dependencies"):
        legacy = dig(home.table, "tool", "poetry", "dev-dependencies") is not None
        yield "poetry-legacy" if legacy and not dig(home.table, "tool", "poetry", "group") else "poetry"
    if home.pipfile.get("packages"):
        yield "pipenv"
    if any(one.file.path.endswith(".in") for one in home.parsed):
        yield "pip-tools"
    if home.parsed:
        yield "requirements"
    if "dependencies" in section(home.table, "project") or dig(home.table, "dependency-groups"):
        yield "pep621"


def _names_of(home: Home, style: Style) -> dict[str, str]:
    if style == "pep621":
        return dict(_pep621(home.table))
    if style in {"poetry", "poetry-legacy"}:
        return dict(_poetry(home.table))
    if style == "pipenv":
        return dict(_pipfile(home.pipfile))
    return _merged(one.names for one in _parsed(home, style))


def _parsed(home: Home, style: Style) -> list[Parsed]:
    """The requirements files that count: with pip-tools the sources, then what was compiled from them."""
    if style != "pip-tools":
        return list(home.parsed)
    written = [one for one in home.parsed if one.file.path.endswith(".in")]
    return written + [one for one in home.parsed if one.file.compiled]


def _merged(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """All names; where one is named twice, the first specifier that says something counts."""
    found: dict[str, str] = {}
    for table in tables:
        for name, specifier in table.items():
            if not found.get(name):
                found[name] = specifier
    return found


def _pep621(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lists = [dig(table, "project", "dependencies"), dig(table, "tool", "uv", "dev-dependencies")]
    for groups in (
        ("project", "optional-dependencies"),
        ("dependency-groups",),
        ("tool", "pdm", "dev-dependencies"),
    ):
        found = dig(table, *groups)
        lists += found.values() if isinstance(found, dict) else []
    for environment in section(table, "tool", "hatch", "envs").values():
        lists += [dig(environment, "dependencies"), dig(environment, "extra-dependencies")]
    for listed in lists:
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, str) and (pair := requirement(entry)):
                yield pair


def _poetry(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    poetry = section(table, "tool", "poetry")
    groups = [dig(group, "dependencies") for group in section(poetry, "group").values()]
    for listed in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *groups):
        yield from _pipfile({"packages": listed})


def _pipfile(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name_of_table in ("packages", "dev-packages"):
        listed = table.get(name_of_table)
        for name, value in listed.items() if isinstance(listed, dict) else ():
            version = value if isinstance(value, str) else dig(value, "version")
            yield normalised(name), "" if version in (None, "*") else str(version)


def _described(sources: Sources, home: Home, style: Style, homes: list[Home]) -> Dependencies:
    workspace = _workspace(home, homes) if style == "pep621" else None
    manager = "uv" if workspace is not None else _manager(sources, home, style)
    lock = next(
        (
            join(folder, name)
            for folder in (home.folder, workspace)
            for name, owner in LOCKS
            if owner == manager and folder is not None and sources.exists(join(folder, name))
        ),
        None,
    )
    written = style in {"requirements", "pip-tools"}
    group, table = ("", "") if written else _development(home, style, manager)
    tables = [
        dict(_names_of(home, style)),
        *(dict(_names_of(other, kind)) for other in homes for kind in _styles(other)),
    ]
    pyproject = [
        join(one.folder, "pyproject.toml")
        for one in (home, *homes)
        if sources.exists(join(one.folder, "pyproject.toml"))
    ]
    return Dependencies(
        style=style,
        manager=manager,
        files=tuple(one.file for one in home.parsed) if written else (),
        pyproject=pyproject[0] if pyproject else None,
        lock=None if written else lock,
        folder=home.folder,
        dev_group=group or None,
        dev_table=table,
        names=_merged([*tables, dict(_poetry(home.table))]),
    )


def _workspace(home: Home, homes: Sequence[Home]) -> RelPath | None:
    """The folder of the uv workspace that `home` is a member of.

    https://docs.astral.sh/uv/concepts/projects/workspaces/
    """
    for one in homes:
        workspace = section(one.table, "tool", "uv", "workspace")
        below = home.folder.removeprefix(f"{one.folder}/") if one.folder else home.folder
        member = any(_matches(below, str(pattern)) for pattern in workspace.get("members", ()))
        excluded = any(_matches(below, str(pattern)) for pattern in workspace.get("exclude", ()))
        if one.folder != home.folder and member and not excluded:
            return one.folder
    return None


def _matches(folder: RelPath, pattern: str) -> bool:
    """A glob of folders, whose `*` stands for one name."""
    pattern = pattern.rstrip("/")
    return fnmatchcase(folder, pattern) and ("**" in pattern or folder.count("/") == pattern.count("/"))


def _nowhere(sources: Sources, homes: list[Home]) -> Dependencies:
    """Only a pyproject.toml without dependencies, a setup.py, or nothing at all."""
    pyproject = [path for home in homes if sources.exists(path := join(home.folder, "pyproject.toml"))]
    names: dict[str, str] = {}
    for home in homes:
        for name in ("setup.cfg", "setup.py"):
            if sources.exists(join(home.folder, name)):
                names.update(_setup(sources.text(join(home.folder, name)) or ""))
    return Dependencies(
        style="none", manager="pip", pyproject=pyproject[0] if pyproject else None, names=names
    )


def _setup(text: str) -> Iterator[tuple[str, str]]:
    """What `install_requires` lists, line by line or as a Python list."""
    _, _, after = text.partition("install_requires")
    for raw in after.split("]")[0].splitlines() if after.lstrip().startswith("=") else ():
        line = raw.strip(" \t=[,").strip("'\"")
        if line.startswith("["):
            break
        if pair := requirement(line):
            yield pair


def _manager(sources: Sources, home: Home, style: Style) -> Manager:
    if style in {"poetry", "poetry-legacy"}:
        return "poetry"
    if style == "pipenv":
        return "pipenv"
    if style == "requirements":
        return "pip"
    if style == "pip-tools":
        compiled = [sources.text(one.file.path) or "" for one in home.parsed if one.file.compiled]
        return "uv" if any("uv pip compile" in text[:500] for text in compiled) else "pip-tools"
    for name, owner in LOCKS:
        if sources.exists(join(home.folder, name)):
            return owner
    for tool in ("uv", "poetry", "pdm", "hatch"):
        if dig(home.table, "tool", tool) is not None:
            return tool
    backend = str(dig(home.table, "build-system", "build-backend"))
    return "poetry" if "poetry" in backend else "pdm" if "pdm" in backend else "pip"


def _development(home: Home, style: Style, manager: Manager) -> tuple[str, str]:
    """The group of development tools ("" if there is none yet), and the TOML table where it is or would be."""
    if style == "pipenv":
        return "", "dev-packages"
    if style == "poetry-legacy":
        return "dev", "tool.poetry.dev-dependencies"
    if style == "poetry":
        found = _group(dig(home.table, "tool", "poetry", "group"))
        return found, f"tool.poetry.group.{found or 'dev'}.dependencies"
    for keys in (
        ("dependency-groups",),
        ("tool", "poetry", "group"),
        ("tool", "pdm", "dev-dependencies"),
        ("project", "optional-dependencies"),
    ):
        if found := _group(dig(home.table, *keys)):
            return found, ".".join((*keys, found, *(("dependencies",) if "poetry" in keys else ())))
    if dig(home.table, "tool", "uv", "dev-dependencies") is not None:
        return "dev", "tool.uv.dev-dependencies"
    if manager == "hatch" and dig(home.table, "tool", "hatch", "envs", "default", "dependencies") is not None:
        return "default", "tool.hatch.envs.default.dependencies"
    return "", "dependency-groups.dev"


def _group(groups: Any) -> str:
    if not isinstance(groups, dict):
        return ""
    return next((name for name in DEV_GROUPS if name in groups), "")
