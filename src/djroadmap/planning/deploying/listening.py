"""Where a server listens: options, the environment, configuration files, and what it does without."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from djroadmap.planning.containers import ENCRYPTED, PORT_OPTIONS, given, text_of
from djroadmap.planning.deploying.dockerfiles import expanded
from djroadmap.syntax.assigned import certain, setting
from djroadmap.syntax.evaluate import Frame, evaluate
from djroadmap.syntax.execute import Execution
from djroadmap.syntax.sources import Sources
from djroadmap.syntax.values import items_of, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from djroadmap.model.project import Project
    from djroadmap.planning.containers import Server
    from djroadmap.planning.deploying.dockerfiles import Dockerfile

HOST_OPTIONS = {"uvicorn": ("--host",), "granian": ("--host",), "daphne": ("-b", "--bind")}
ALONE = "127.0.0.1"
DEFAULT_PORT = 8000
"""All of them listen at 127.0.0.1:8000 unless told otherwise, and gunicorn at 0.0.0.0:$PORT if that is set.

https://docs.gunicorn.org/en/stable/settings.html#bind, https://www.uvicorn.org/settings/#socket-binding,
https://github.com/django/daphne, https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html,
https://github.com/emmett-framework/granian#options
"""
SOCKETS = ("--uds", "--fd", "-u", "--unix-socket", "-e", "--endpoint")


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


def address_of(
    project: Project, file: Dockerfile, server: Server, literal: Mapping[str, str]
) -> Address | str:
    """Where this server listens, over plain HTTP; a text that says why, where that is not certain."""
    known = {**file.final.environment, **literal}
    words = [expanded(word, known) for word in server.words]
    if any(word.partition("=")[0] in ENCRYPTED for word in words):
        return (
            f"{server.program} ends TLS itself, which a load balancer that speaks HTTP to it does not expect"
        )
    if any(word.partition("=")[0] in SOCKETS for word in words) and server.program in HOST_OPTIONS:
        return f"{server.program} listens at a socket, not at a port"
    if server.program in {"gunicorn", "hypercorn"}:
        return _bound(project, file, server, words, known)
    ports = given(words, PORT_OPTIONS[server.program])
    hosts = given(words, HOST_OPTIONS[server.program])
    environment = {"uvicorn": "UVICORN", "granian": "GRANIAN"}.get(server.program, "")
    port = ports[-1] if ports else known.get(f"{environment}_PORT", str(DEFAULT_PORT))
    host = hosts[-1] if hosts else known.get(f"{environment}_HOST", ALONE)
    return Address(host, int(port)) if port.isdigit() else _unclear(server.program, port)


def _bound(
    project: Project, file: Dockerfile, server: Server, words: list[str], known: Mapping[str, str]
) -> Address | str:
    option = PORT_OPTIONS[server.program]
    binds = given(words, option)
    if not binds and server.program == "gunicorn":
        binds = given(known.get("GUNICORN_CMD_ARGS", "").split(), option)
    if not binds:
        named = given(words, ("-c", "--config"))
        configured = _configured(project, file, words, named)
        if configured is None and named:
            return f"{server.program} is configured by {named[-1]}, whose `bind` cannot be told"
        binds = [configured] if configured else []
    if not binds and server.program == "gunicorn" and known.get("PORT", "").isdigit():
        binds = [f"0.0.0.0:{known['PORT']}"]
    if not binds:
        return Address(ALONE, DEFAULT_PORT)
    host, colon, port = binds[-1].rpartition(":")
    if binds[-1].startswith("unix:"):
        return f"{server.program} listens at a socket, not at a port"
    if not colon and not port.isdigit():
        host, port = port, str(DEFAULT_PORT)
    return Address(host, int(port)) if port.isdigit() else _unclear(server.program, binds[-1])


def _configured(project: Project, file: Dockerfile, words: list[str], named: list[str]) -> str | None:
    """What a configuration file in Python says of `bind`: the one that is named, or gunicorn's own."""
    folder = next(iter(given(words, ("--chdir",))), file.final.workdir)
    name = named[-1] if named else "gunicorn.conf.py"
    if name.startswith("python:"):
        name = name.removeprefix("python:").replace(".", "/") + ".py"
    path = file.source_of(posixpath.join(folder, name.removeprefix("file:")))
    if path is None or not path.endswith(".py"):
        return None
    try:
        found = certain(setting(text_of(project, path), "bind"))
    except SyntaxError:
        return None
    if found is None:
        return "" if named else None
    sources = Sources(project.tree)
    value = evaluate(found.value, Frame(Execution(sources, project.python_roots).module(path), path))
    items = items_of(value)
    bind = plain(items.entries[0].value) if items and items.entries else plain(value)
    return bind if isinstance(bind, str) else None


def _unclear(program: str, value: str) -> str:
    return (
        f"{program} listens at {value}, which nothing here gives a value"
        if "$" in value
        else (f"{program} listens at {value!r}, which is no port")
    )
