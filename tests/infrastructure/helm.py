"""Charts, rendered and linted by Helm itself (helm_engine.py), and what can be seen of a chart without it."""

from __future__ import annotations

import atexit
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ruamel.yaml import YAML

from tests.infrastructure.tools import HERE, interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.infrastructure.kubernetes import Object


class Hook(NamedTuple):
    """One object that Helm makes before or after the others."""

    events: tuple[str, ...]
    weight: int
    policies: tuple[str, ...]
    object: Object


class Render(NamedTuple):
    """What came of a chart."""

    error: str
    """Why it did not render; nothing if it did."""
    objects: tuple[Object, ...]
    """Those of the release."""
    hooks: tuple[Hook, ...]
    """In the order in which Helm has them."""
    notes: str
    order: tuple[str, ...] = ()
    """`Kind/name` in the order of creation, where hooks were run."""

    @property
    def all(self) -> tuple[Object, ...]:
        """Objects and hooks."""
        return (*self.objects, *(hook.object for hook in self.hooks))


class Lint(NamedTuple):
    """What `helm lint` says: it tells where and how bad, not what."""

    severities: tuple[tuple[str, int], ...]
    """Path and severity: 1 info, 2 warning, 3 error."""


class Engine:
    """Helm's process, which lives as long as the tests do."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [interpreter(), "-P", HERE / "helm_engine.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lock = threading.Lock()
        atexit.register(self.process.kill)

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request, one answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with self.lock:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        assert line, "helm_engine.py ended"
        answer: dict[str, Any] = json.loads(line)
        return answer


@cache
def engine() -> Engine:
    """The one that there is."""
    return Engine()


def render(
    chart: Path,
    values: Mapping[str, Any] | None = None,
    *,
    files: Sequence[str] = (),
    release: str = "",
    namespace: str = "test",
    run_hooks: bool = False,
    upgrade: bool = False,
) -> Render:
    """The chart in the folder `chart` with `values` over its values files `files`, as a first installation.

    Without `run_hooks`, Helm is stopped as soon as it has rendered, which is ten times as fast. With `upgrade`, too, the
    same is released once more, and the order is that of the second time.
    """
    merged = merge(*(load(chart / name) for name in files), dict(values or {}))
    return _rendered(
        _digest(chart),
        str(chart),
        json.dumps(merged, sort_keys=True),
        release or chart.name,
        namespace,
        run_hooks,
        upgrade,
    )


@cache
def _rendered(
    digest: str, chart: str, values: str, release: str, namespace: str, run_hooks: bool, upgrade: bool
) -> Render:
    del digest
    answer = engine().ask(
        do="render",
        chart=chart,
        values=json.loads(values),
        release=release,
        namespace=namespace,
        run_hooks=run_hooks,
        upgrade=upgrade,
    )
    hooks = sorted(answer["hooks"], key=lambda hook: hook.get("weight", 0))
    return Render(
        error=answer["error"],
        objects=tuple(answer["objects"]),
        hooks=tuple(
            Hook(
                tuple(hook["events"]),
                hook.get("weight", 0),
                tuple(hook.get("delete_policies") or ()),
                hook["object"],
            )
            for hook in hooks
        ),
        notes=answer["notes"],
        order=tuple(answer["order"]),
    )


def lint(chart: Path, *files: str) -> Lint:
    """`helm lint` of the chart with values files over its own: of a copy, since the library takes no values."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary, chart.name)
        shutil.copytree(chart, copy)
        merged = merge(load(chart / "values.yaml"), *(load(chart / name) for name in files))
        (copy / "values.yaml").write_text(json.dumps(merged))
        answer = engine().ask(do="lint", chart=str(copy), namespace="test")
    found = answer["lint"]["Messages"] or []
    return Lint(tuple((one["Path"], one["Severity"]) for one in found))


def load(path: Path) -> dict[str, Any]:
    """A values file."""
    found: dict[str, Any] = json.loads(_loaded(path.read_text()))
    return found


@cache
def _loaded(text: str) -> str:
    return json.dumps(YAML(typ="safe", pure=True).load(text) or {})


def merge(*values: Mapping[str, Any]) -> dict[str, Any]:
    """Values over values, as Helm does it: maps are merged, all else is replaced."""
    merged: dict[str, Any] = {}
    for one in values:
        for key, value in one.items():
            under = merged.get(key)
            both = isinstance(value, dict) and isinstance(under, dict)
            merged[key] = merge(under, value) if both and under is not None else value
    return merged


USED = re.compile(r"\.Values\.([A-Za-z_][\w.]*)")
PASSED = re.compile(r'"values" \.Values\.(\w+)')
OF_PASSED = re.compile(r"(?<![\w$])\.values\.([A-Za-z_]\w*)")


def used_values(chart: Path) -> set[str]:
    """The paths of values that templates name: `web.replicas`. What is passed on as "values" counts for each."""
    used, passed, inside = set(), set(), set()
    for path in sorted((chart / "templates").rglob("*")):
        if path.is_file():
            text = path.read_text()
            own = set(PASSED.findall(text))
            passed |= own
            used |= {one.rstrip(".") for one in USED.findall(text)} - own
            inside |= set(OF_PASSED.findall(text))
    return used | {f"{one}.{name}" for one in passed for name in inside}


def value_paths(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of all leaves; an empty map is one."""
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from value_paths(value, f"{path}.")
        else:
            yield path


def unused_values(chart: Path) -> list[str]:
    """Values that no template names."""
    used = used_values(chart)
    return [
        path
        for path in value_paths(load(chart / "values.yaml"))
        if not any(path == one or path.startswith(f"{one}.") for one in used)
    ]


def undefined_values(chart: Path, *, but: Sequence[str] = ()) -> list[str]:
    """Values that templates name and values.yaml does not have; those in `but` may be left out."""
    defined = set(value_paths(load(chart / "values.yaml")))
    known = {path.rsplit(".", n)[0] for path in defined for n in range(path.count(".") + 1)}
    return sorted(one for one in used_values(chart) if one not in known and one not in but)


def _digest(chart: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(chart.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(chart)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
