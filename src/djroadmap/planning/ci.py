"""A step beside the project's tests in CI, run the way the tests are run; where none fits, a workflow of its own."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING

from djroadmap import edits
from djroadmap.model.plan import Plan, Todo

from .ci_style import quoted, titled
from .commands import tool_prefix
from .installed import installs_tools
from .workflows import own_workflow

if TYPE_CHECKING:
    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import CI, CIJob, Project

EDITED = frozenset({"github", "gitlab"})


def test_step(
    project: Project,
    *,
    name: str,
    command: tuple[str, ...],
    folder: RelPath | None = None,
    requirements: tuple[str, ...] = (),
    tests: bool = False,
    extra: bool = False,
) -> Plan:
    """`command` as a step of the job that runs the tests, the way that job runs commands, before the tests.

    It runs in `folder`, the one of manage.py if nothing is said. `requirements` are enough to run it without the
    project's own dependencies, for example a linter with its version. Where no step fits beside the tests, it gets a
    workflow of its own if the project uses GitHub Actions; a to-do with the line to paste for other kinds of CI.
    Nothing without CI. A command that `tests` needs what the tests need, such as a database and the variables that
    name it: it is a step right before them or a to-do.
    """
    ci = chosen(project.ci)
    if ci is None:
        return Plan()
    where = project.base if folder is None else folder
    job = ci.test_job
    if tests and job is not None:
        job = job._replace(anchor=job.beside, fits=job.fits and bool(job.beside) and not job.variables)
    if job is not None and job.fits and ci.kind in EDITED:
        missing = () if installs_tools(project, job, requirements) else requirements
        if (lines := _lines(project, job, command, where, missing)) is not None:
            step = _github if ci.kind == "github" else _gitlab
            return Plan((step(project, ci, job, name=name, lines=lines, where=where, extra=extra),))
    if ci.kind == "github" and not tests:
        return own_workflow(
            project, ci, name=name, command=command, folder=where, requirements=requirements, extra=extra
        )
    return Plan(todos=(_todo(project, ci, name, command, where=where, requirements=requirements),))


def chosen(found: tuple[CI, ...]) -> CI | None:
    """The CI to extend: the system that runs the tests, one whose files can be edited first; else the first one."""
    tested = [ci for ci in found if ci.test_job is not None]
    fitting = [ci for ci in tested if ci.kind in EDITED and ci.test_job is not None and ci.test_job.fits]
    return next(iter([*fitting, *tested, *found]), None)


def _todo(
    project: Project,
    ci: CI,
    name: str,
    command: tuple[str, ...],
    *,
    where: RelPath,
    requirements: tuple[str, ...],
) -> Todo:
    job = ci.test_job
    lines = None
    if job is not None and job.known:
        missing = () if installs_tools(project, job, requirements) else requirements
        lines = _lines(project, job, command, where, missing)
    if lines is None:
        lines = [" ".join((*tool_prefix(project), shlex.join(command)))]
    line = _entered(
        " && ".join(lines), where, "" if job is None else job.cwd, contained=job is not None and job.contained
    )
    return Todo(text=f"run this in CI beside the tests ({ci.path}): {name}", snippet=line, path=ci.path)


def _entered(line: str, where: RelPath, cwd: RelPath | None, *, contained: bool) -> str:
    """The line for a shell that stands in `cwd`, run in `where`."""
    if contained or where == (cwd or ""):
        return line
    return f"(cd {shlex.quote(posixpath.relpath(f'/{where}', '/' + (cwd or '')))} && {line})"


def _lines(
    project: Project, job: CIJob, command: tuple[str, ...], where: RelPath, missing: tuple[str, ...]
) -> list[str] | None:
    """The command as the job runs its own, after the installation of what is missing; None if that cannot be had."""
    prefix = " ".join(job.prefix)
    if job.contained:
        if missing:
            return None
        inside = project.base if job.inside is None else job.inside
        if where != inside:
            enter = shlex.quote(posixpath.relpath(f"/{where}", f"/{inside}"))
            command = ("sh", "-c", f"cd {enter} && {shlex.join(command)}")
        return [f"{prefix} {shlex.join(command)}"]
    line = shlex.join(command)
    if job.bin:
        bin_folder = (
            job.bin if job.bin.startswith(("/", "$", "~")) else posixpath.relpath(f"/{job.bin}", f"/{where}")
        )
        line = f"{bin_folder}/{line}"
    line = f"{prefix} {line}" if prefix else line
    if not missing:
        return [line]
    return _installing(job, missing, line)


def _installing(job: CIJob, missing: tuple[str, ...], line: str) -> list[str] | None:
    """The line with what it takes to have the tool there, in the way the job installs."""
    wanted = shlex.join(missing)
    if job.prefix[:2] == ("uv", "run"):
        more = " ".join(f"--with {shlex.quote(requirement)}" for requirement in missing)
        return [line.replace("uv run", f"uv run {more}", 1)]
    if job.prefix:
        return (
            [f"{' '.join(job.prefix)} pip install {wanted}", line]
            if job.prefix[0] in {"poetry", "pipenv"}
            else None
        )
    if job.bin:
        return [f"{line.rpartition('/')[0]}/pip install {wanted}", line]
    found = [re.match(r"(.*\bpip3?\s+install(?:\s+--system)?)\b", text) for text in job.installs]
    pip = next((match[1] for match in reversed(found) if match), "python -m pip install")
    return [f"{pip} {wanted}", line]


def _github(
    project: Project, ci: CI, job: CIJob, *, name: str, lines: list[str], where: RelPath, extra: bool
) -> edits.YamlItem:
    text = project.tree.read(ci.path) or ""
    cwd = job.cwd if job.contained else where
    below = cwd if cwd is None else posixpath.normpath(posixpath.join(job.checkout, cwd))
    written = f"./{below}" if f"working-directory: ./{below}" in text else below
    folder = f"working-directory: {written}" if cwd != job.home and cwd is not None else ""
    run = (
        f"run: {quoted(lines[0])}"
        if len(lines) == 1
        else "run: |\n" + "\n".join(f"  {line}" for line in lines)
    )
    keys = [
        f"if: {_condition(text, job.condition)}" if job.condition else "",
        f"shell: {quoted(job.shell)}" if job.shell else "",
    ]
    keys += [folder, run] if job.folder_first else [run, folder]
    keys = [key for key in keys if key]
    if job.named:
        keys.insert(0, f"name: {titled(name, text)}")
    item = "\n".join(f"  {line}" for key in keys for line in key.split("\n"))
    return _beside(ci, job, ("jobs", job.name, "steps"), f"- {item[2:]}", extra=extra)


def _condition(text: str, condition: str) -> str:
    """A condition as the file has it, quotes and all."""
    for written in (condition, f"'{condition}'", f'"{condition}"'):
        if f"if: {written}\n" in text.replace("\r\n", "\n"):
            return written
    return quoted(condition)


def _gitlab(
    project: Project, ci: CI, job: CIJob, *, name: str, lines: list[str], where: RelPath, extra: bool
) -> edits.YamlItem:
    del project, name
    line = _entered(" && ".join(lines), where, job.cwd, contained=job.contained)
    item = f"- {quoted(line)}"
    return _beside(ci, job, (job.name, "script"), item, extra=extra)


def _beside(ci: CI, job: CIJob, keys: tuple[str, ...], item: str, *, extra: bool) -> edits.YamlItem:
    anchor = job.anchor or job.runs
    before, after = ("", anchor) if job.after else (anchor, "")
    return edits.YamlItem(path=ci.path, keys=keys, item=item, before=before, after=after, extra=extra)
