"""The commands of the image: web server, Celery's worker, beat and flower, migrations."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from djroadmap.planning.containers import PORT_OPTIONS, given, line_of, served_by, text_of
from djroadmap.planning.deploying.candidates import candidates
from djroadmap.planning.deploying.entrypoints import entry_script, entrypoint_unknowns, unknown
from djroadmap.planning.deploying.facts import Process
from djroadmap.planning.deploying.listening import address_of
from djroadmap.planning.deploying.scripts import script_of
from djroadmap.regex import regex
from djroadmap.syntax.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from djroadmap.model.project import Project
    from djroadmap.planning.containers import Ran, Server
    from djroadmap.planning.deploying.candidates import Candidate
    from djroadmap.planning.deploying.compose import Service
    from djroadmap.planning.deploying.dockerfiles import Dockerfile
    from djroadmap.planning.deploying.facts import Unknown
    from djroadmap.planning.deploying.reads import Known

Role = Literal["web", "worker", "beat", "flower"]
QUEUES = ("-Q", "--queues")
EMBEDDED = ("-B", "--beat")
FLOWER_PORT = 5555
"""https://flower.readthedocs.io/en/latest/config.html#port"""
REACHED = frozenset({"", "0.0.0.0", "[::]", "::", "*"})  # noqa: S104 - read, not bound
SHARED = regex(r"Database|RedBeat|redbeat")
"""Schedulers that keep what they have sent elsewhere than in a file."""


class Found(NamedTuple):
    """The processes, and what is not known of them."""

    processes: tuple[Process, ...]
    unknowns: tuple[Unknown, ...]


def processes_of(project: Project, file: Dockerfile, services: Sequence[Service], known: Known) -> Found:
    """Every command that runs in the image: what compose files for production say, then CMD, then its scripts.

    Celery's commands are derived where the image has none but the project uses it.
    """
    unknowns = list(entrypoint_unknowns(project, file))
    groups = candidates(project, file, services)
    web, problems = _web(project, file, groups, known)
    unknowns += problems
    launcher = _launcher(web[1] if web else None)
    celery, problems = _celery(project, file, groups, known, launcher)
    unknowns += problems
    found = [*([web[0]] if web else []), *celery]
    if (migrate := _migrate(project, file, launcher, groups)) is not None:
        found.append(migrate)
    return Found(tuple(found), tuple(unknowns))


def python_path(project: Project, file: Dockerfile) -> str:
    """The folder of manage.py in the image; nothing if it is not there."""
    place = file.place_of(project.manage)
    return posixpath.dirname(place) if place else ""


def _web(
    project: Project, file: Dockerfile, groups: Sequence[Sequence[Candidate]], known: Known
) -> tuple[tuple[Process, Server] | None, list[Unknown]]:
    for group in groups:
        found = {one.command: (one, server) for one in group if (server := _server(project, one)) is not None}
        mixed = [one for one, _ in found.values() if any(_role(ran) for ran in one.runs)]
        if mixed:
            why = "starts the web server and Celery as well, so that neither can be scaled by itself"
            return None, [unknown("web", mixed[0].where, why)]
        if len(found) > 1:
            names = ", ".join(" ".join(command) for command in found)
            where = next(iter(found.values()))[0].where
            return None, [unknown("web", where, f"several commands could be the one for production: {names}")]
        if found:
            candidate, server = next(iter(found.values()))
            return _served(project, file, candidate, server, known)
    command = file.final.command
    named = f" (CMD is `{' '.join(command.words)}`)" if command else ""
    servers = ", ".join(PORT_OPTIONS)
    why = f"no command of its image serves this project by a server that is known here{named}: {servers}"
    return None, [unknown("web", file.path, why, command.line if command else None)]


def _unfilled(role: Role, candidate: Candidate) -> Unknown:
    why = f"its command holds {candidate.unfilled}, which nothing fills in where no Compose and no shell runs it"
    return unknown(role if role != "flower" else "worker", candidate.where, why)


def _server(project: Project, candidate: Candidate) -> Server | None:
    served = [one for ran in candidate.runs if (one := served_by(project, ran)) is not None]
    return served[-1] if served else None


def _served(
    project: Project, file: Dockerfile, candidate: Candidate, server: Server, known: Known
) -> tuple[tuple[Process, Server], list[Unknown]]:
    where = f"{server.where}:{server.line}" if server.line else candidate.where
    unknowns = [_unfilled("web", candidate)] if candidate.unfilled else []
    address = address_of(project, file, server, _literal(project, candidate))
    if isinstance(address, str):
        unknowns.append(unknown("port", where, address))
    elif address.host not in REACHED:
        why = (
            f"{server.program} listens at {address.host}:{address.port}, which only its own container reaches"
        )
        unknowns.append(unknown("port", where, why, snippet=f"0.0.0.0:{address.port}"))
    port = None if isinstance(address, str) or address.host not in REACHED else address.port
    entry = entry_script(project, file)[1]
    commands = [" ".join(one.words) for one in candidate.runs]
    process = Process(
        name="web",
        command=candidate.command,
        where=where,
        program=server.program,
        port=port,
        asgi=server.application == project.asgi and server.application != project.wsgi,
        script=candidate.script,
        writes=_writes(file, known) if any("collectstatic" in one for one in (*commands, entry)) else (),
        migrates=any("manage.py migrate" in one for one in (*commands, *entry.splitlines())),
    )
    return (process, server), unknowns


def _literal(project: Project, candidate: Candidate) -> Mapping[str, str]:
    """Variables that the script sets to something plain before it starts the server."""
    script = candidate.script
    return dict(script_of(text_of(project, script), script).literal) if script else {}


def _writes(file: Dockerfile, known: Known) -> tuple[str, ...]:
    """Where collectstatic writes to."""
    root = known.scope.get("STATIC_ROOT")
    if isinstance(root, Place):
        place = file.place_of(root.path)
        return (place,) if place else ()
    plain = known.plain("STATIC_ROOT")
    if isinstance(plain, str) and plain:
        return (posixpath.normpath(posixpath.join(file.final.workdir, plain)),)
    return ()


def _launcher(server: Server | None) -> tuple[str, ...]:
    """What stands before programs, such as `uv run`."""
    return server.launcher if server else ()


def _celery(
    project: Project,
    file: Dockerfile,
    groups: Sequence[Sequence[Candidate]],
    known: Known,
    launcher: tuple[str, ...],
) -> tuple[list[Process], list[Unknown]]:
    found: list[Process] = []
    unknowns: list[Unknown] = []
    if project.celery is None:
        return found, unknowns
    for role in get_args(Role)[1:]:
        for group in groups:
            made = [
                (one, process)
                for one in group
                if (process := _celery_process(project, role, one)) is not None
            ]
            named = {process.command: process for _, process in made}
            found += named.values()
            unknowns += [_unfilled(role, one) for one, _ in made if one.unfilled and role != "flower"]
            if named:
                break
    embedded = [one for group in groups for candidate in group for one in candidate.runs if _embeds(one)]
    if embedded:
        where = f"{embedded[0].where}:{embedded[0].line}" if embedded[0].line else embedded[0].where
        why = "the worker runs beat in itself (-B), so that every further worker sends each task once more"
        unknowns.append(unknown("beat", where, why))
    names = {one.name for one in found}
    if "worker" not in names:
        where = line_of(project, project.celery.path, "Celery(")
        found.append(_derived(project, file, "worker", where, launcher=launcher))
    if "beat" not in names and not embedded and (where := _scheduled(project, known)):
        scheduler = str(known.plain("CELERY_BEAT_SCHEDULER"))
        found.append(_derived(project, file, "beat", where, launcher=launcher, scheduler=scheduler))
    order = get_args(Role)
    return sorted(found, key=lambda one: order.index(one.name)), unknowns


def _celery_process(project: Project, role: Role, candidate: Candidate) -> Process | None:
    ran = next((one for one in candidate.runs if _role(one) == role), None)
    if ran is None or _server(project, candidate) or len({_role(one) for one in candidate.runs} - {""}) > 1:
        return None
    named = ",".join(given(ran.words, QUEUES)).split(",")
    queues = [queue for queue in named if queue and "$" not in queue]
    port = None
    if role == "flower":
        ports = [int(one) for one in given(ran.words, ("--port",)) if one.isdigit()]
        port = next(iter(ports), FLOWER_PORT)
    return Process(
        name=role,
        command=candidate.command,
        where=f"{ran.where}:{ran.line}" if ran.line else candidate.where,
        program="celery",
        port=port,
        script=candidate.script,
        queues=tuple(queues),
    )


def _role(ran: Ran) -> str:
    """The part of Celery that a command runs."""
    names = [posixpath.basename(word) for word in ran.words]
    if "celery" not in names:
        return ""
    after = ran.words[names.index("celery") + 1 :]
    return next((word for word in after if word in get_args(Role)[1:]), "")


def _embeds(ran: Ran) -> bool:
    return _role(ran) == "worker" and any(word in EMBEDDED for word in ran.words)


def _scheduled(project: Project, known: Known) -> str:
    """What says that tasks are to be sent by beat: `path:line`; nothing if nothing does."""
    for name in ("CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "CELERY_BEAT_SCHEDULER"):
        if where := known.where(name):
            return where
    if project.apps.has("django_celery_beat"):
        path = project.apps.where.get("django_celery_beat", project.settings.base.path)
        return line_of(project, path, "django_celery_beat") or path
    return line_of(project, project.celery.path, "beat_schedule") if project.celery else ""


def _derived(
    project: Project,
    file: Dockerfile,
    role: Literal["worker", "beat"],
    where: str,
    *,
    launcher: tuple[str, ...],
    scheduler: str = "",
) -> Process:
    assert project.celery is not None  # noqa: S101 - asked for by the only caller
    folder = python_path(project, file)
    elsewhere = (
        ("--workdir", folder) if folder and (folder != file.final.workdir or _moves(project, file)) else ()
    )
    app = ("-A", project.celery.module)
    # Its own file of what it has sent would lie beside the code, which is not to be written to.
    kept = () if role == "worker" or SHARED.search(scheduler) else ("--schedule", "/tmp/celerybeat-schedule")  # noqa: S108
    return Process(
        name=role,
        command=(*launcher, "celery", *app, *elsewhere, role, "-l", "INFO", *kept),
        where=where,
        program="celery",
    )


def _moves(project: Project, file: Dockerfile) -> bool:
    """Does the entrypoint leave the folder it starts in?"""
    path, text = entry_script(project, file)
    return script_of(text, path).moves if text else False


def _migrate(
    project: Project, file: Dockerfile, launcher: tuple[str, ...], groups: Sequence[Sequence[Candidate]]
) -> Process | None:
    folder = python_path(project, file)
    if not folder:
        return None
    direct = folder == file.final.workdir and not _moves(project, file)
    manage = "manage.py" if direct else f"{folder}/manage.py"
    python = next((one for group in groups for candidate in group for one in _pythons(candidate)), "python")
    return Process(
        name="migrate",
        command=(*launcher, python, manage, "migrate", "--noinput"),
        where=f"{project.manage}:1",
        program="python",
    )


def _pythons(candidate: Candidate) -> Iterator[str]:
    """How its scripts call Python for manage.py: `python`, `python3`, `/venv/bin/python`."""
    for ran in candidate.runs:
        for before, word in zip(ran.words, ran.words[1:], strict=False):
            if (
                word.endswith("manage.py")
                and posixpath.basename(before).startswith("python")
                and "$" not in before
            ):
                yield before
