"""The health checks of containers that run the web server, and where other probes are to ask."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from djroadmap import edits
from djroadmap.edits.yaml_document import Odd, compose, follow, is_mapping
from djroadmap.errors import Refused
from djroadmap.model.plan import Plan, Todo
from djroadmap.planning.containers import Image, Server, image_of, server_of
from djroadmap.regex import regex

if TYPE_CHECKING:
    from djroadmap.model.edit import Edit, RelPath
    from djroadmap.model.project import Project

KEY = "healthcheck"
ASK = (
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout=3); "
    "c.request('GET', '/healthz/'); exit(c.getresponse().status != 200)"
)
"""Slim images have no curl, and urllib would go through a proxy that the environment names."""

CHECK = """\
test:
  - CMD
  - python
  - -c
  - {ask}
interval: 30s
timeout: 5s
retries: 3
start_period: 60s"""
NO_CHECK = "disable: true"
INSTRUCTION = "HEALTHCHECK --interval=30s --timeout=5s --retries=3 --start-period=60s CMD {command}"
PROBES = """\
livenessProbe:
  httpGet: {{path: /healthz/, port: {port}}}
  timeoutSeconds: 5
readinessProbe:
  httpGet: {{path: /readyz/, port: {port}}}
  timeoutSeconds: 5"""
NOT_SERVING = regex(r"(?i)(?:^|[-_./])(?:local|dev|development|tests?|ci|docs)(?:$|[-_./])")
"""Paths of Docker files that are for something else."""


class Service(NamedTuple):
    """A service of a compose file."""

    name: str
    node: Any
    services: Any
    """The mapping with all services."""

    def value(self, key: str) -> Any:
        """The node under a key, its own or one that it takes over; None if there is none."""
        return self._under(self.node, key)

    def is_heir_of(self, other: Service) -> bool:
        """Does it take over what the other one has?"""
        return self.node is not other.node and self._takes(self.node, other.node)

    def _under(self, node: Any, key: str) -> Any:
        own = _own(node, key)
        if own is not None:
            return own
        return next((one for base in self._bases(node) if (one := self._under(base, key)) is not None), None)

    def _takes(self, node: Any, wanted: Any) -> bool:
        return node is wanted or any(self._takes(base, wanted) for base in self._bases(node))

    def _bases(self, node: Any) -> list[Any]:
        """The mappings that `<<` and `extends` take in, those of the same file."""
        extends = _plain(_own(node, "extends"))
        name = extends.get("service") if isinstance(extends, dict) and "file" not in extends else extends
        extended = _own(self.services, name) if isinstance(name, str) else None
        return [*_merged(node), *([extended] if is_mapping(extended) and extended is not node else [])]


def containers(project: Project) -> Plan:
    """A check in compose files, else in the Dockerfile, and a to-do for what probes from elsewhere."""
    found: list[Server] = []
    total = Plan()
    for path in project.docker.compose_files:
        if not NOT_SERVING.search(path):
            total += _compose(project, path, found)
    if not found:
        total += _dockerfiles(project, found)
    return total + _elsewhere(found)


def _compose(project: Project, path: RelPath, found: list[Server]) -> Plan:
    """A check for each service that serves, and none for those that take one over but run something else."""
    services = _services(project, path)
    images = {service.name: _image(project, service, path) for service in services}
    serving = {
        service.name: server
        for service in services
        if (server := _server(project, service, images[service.name], path)) is not None
    }
    found += serving.values()
    total = Plan()
    for service in services:
        server, image = serving.get(service.name), images[service.name]
        if server is None or (image is not None and image.is_checked):
            continue
        taken = [serving[one.name] for one in services if one.name in serving and service.is_heir_of(one)]
        if server not in taken:
            idle = [one for one in services if one.name not in serving and one.is_heir_of(service)]
            total += _checked(project, path, service, server, idle)
    return total


def _server(project: Project, service: Service, image: Image | None, path: RelPath) -> Server | None:
    command = _plain(service.value("command")) or _plain(service.value("entrypoint"))
    return server_of(project, image, command, path)


def _checked(project: Project, path: RelPath, service: Service, server: Server, idle: list[Service]) -> Plan:
    text = project.tree.read(path) or ""
    check = CHECK.format(ask=f'"{ASK.format(port=server.port)}"')
    key = _key(path, service, check, shared=True)
    if service.value(KEY) is not None and not key.holds(text):
        return Plan()
    if server.port is None:
        return _by_hand(path, f'the service "{service.name}"', server)
    others = [_key(path, one, NO_CHECK) for one in idle]
    wanted = (key, *(edit for edit in others if edit.holds(text) or not edit.kept(text)))
    if all(_applies(edit, text) for edit in wanted):
        return Plan(wanted)
    return _by_hand(path, f'the service "{service.name}"', server)


def _key(path: RelPath, service: Service, value: str, *, shared: bool = False) -> Edit:
    keys = ("services", service.name)
    return edits.YamlKey(path=path, keys=keys, name=KEY, value=value, shared=shared, extra=True)


def _dockerfiles(project: Project, found: list[Server]) -> Plan:
    """A check of the image whose own command is the web server, where no worker runs from it as well."""
    total = Plan()
    for path in project.docker.dockerfiles:
        image = None if NOT_SERVING.search(path) else image_of(project, path)
        if image is None:
            continue
        server = server_of(project, image, "", path) or _started(project, image)
        if server is None:
            continue
        found.append(server)
        if project.celery is None and image.instruction("CMD") + image.instruction("ENTRYPOINT"):
            total += _instruction(project, image, server)
    return total


def _instruction(project: Project, image: Image, server: Server) -> Plan:
    if server_of(project, image, "", image.path) is None:
        return Plan()
    if server.port is None:
        return Plan() if image.is_checked else _by_hand(image.path, "its image", server)
    command = f'["python", "-c", "{ASK.format(port=server.port)}"]'
    anchor = next(
        line
        for line in reversed(image.last.splitlines())
        if line.strip().upper().startswith(("CMD ", "ENTRYPOINT "))
    )
    edit = edits.Line(
        path=image.path, line=INSTRUCTION.format(command=command), before=anchor.strip(), extra=True
    )
    text = project.tree.read(image.path) or ""
    if image.is_checked and not edit.holds(text):
        return Plan()
    return Plan((edit,)) if _applies(edit, text) else _by_hand(image.path, "its image", server)


def _started(project: Project, image: Image) -> Server | None:
    """The server that a script runs which the image takes in, for whoever starts it."""
    found = (server_of(project, image, target, image.path) for target in image.copied)
    return next((server for server in found if server is not None), None)


def _by_hand(path: RelPath, what: str, server: Server) -> Plan:
    port = "PORT" if server.port is None else server.port
    why = (
        f"its port is not certain in {server.where}"
        if server.port is None
        else "it is written in an unusual way"
    )
    text = f"give {what} in {path} a health check: {why}"
    return Plan(todos=(Todo(text=text, snippet=f'python -c "{ASK.format(port=port)}"', path=path),))


def _elsewhere(found: list[Server]) -> Plan:
    ports = {server.port for server in found if server.port is not None}
    port = str(min(ports)) if len(ports) == 1 else "PORT"
    where = f" (the port is that of {found[0].where})" if len(ports) == 1 else ""
    # A target group restarts tasks: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
    text = f"point liveness probes and target groups of ECS at /healthz/, readiness probes at /readyz/{where}"
    ours = ("helm", "ecs", "eks")  # they ask there by themselves
    return Plan(todos=(Todo(text, PROBES.format(port=port), when="deploy", settled_by=ours),))


def _applies(edit: Edit, text: str) -> bool:
    try:
        edit.apply(text)
    except Refused:
        return False
    return True


def _services(project: Project, path: RelPath) -> list[Service]:
    try:
        node = follow(compose(project.tree.read(path) or ""), ("services",))
    except (Odd, Refused):
        return []
    if node.steps != ("services",) or not is_mapping(node.node):
        return []
    return [Service(key.value, one, node.node) for key, one in node.node.value if is_mapping(one)]


def _image(project: Project, service: Service, path: RelPath) -> Image | None:
    build = _plain(service.value("build"))
    if not build:
        return None
    context = build if isinstance(build, str) else str(build.get("context", "."))
    name = "Dockerfile" if isinstance(build, str) else str(build.get("dockerfile", "Dockerfile"))
    folder = posixpath.normpath(posixpath.join(path.rpartition("/")[0], context))
    folder = "" if folder == "." else folder
    return image_of(project, posixpath.normpath(posixpath.join(folder, name)), folder)


def _own(node: Any, key: str) -> Any:
    return (
        next((value for name, value in node.value if name.value == key), None) if is_mapping(node) else None
    )


def _merged(node: Any) -> list[Any]:
    """The mappings that `<<` takes in."""
    merged = _own(node, "<<")
    if merged is None:
        return []
    return [merged] if is_mapping(merged) else list(merged.value)


def _plain(node: Any) -> Any:
    """A node as text, list or dict."""
    if node is None or isinstance(node.value, str):
        return None if node is None else node.value
    if is_mapping(node):
        return {key.value: _plain(value) for key, value in node.value}
    return [_plain(item) for item in node.value]
