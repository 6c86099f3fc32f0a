"""Objects for Kubernetes, checked one by one against its schemas and all together against each other.

Every check takes objects as YAML has them and returns what is wrong, as text; nothing wrong is an empty list.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
import threading
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.infrastructure.crds import SCHEMAS
from tests.infrastructure.tools import HERE, interpreter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from djroadmap.planning.deploying.facts import Deployment

Object = dict[str, Any]
"""One document of YAML."""

VERSION = "1.35"
"""What a cluster has by default, of those that EKS still supports in 2027."""
WORKLOADS = {"Deployment", "Job", "StatefulSet"}
CLUSTER_WIDE = {
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterSecretStore",
    "CustomResourceDefinition",
}
STABLE = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
"""Labels that a selector may have: a Deployment's can never change."""
NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
GRACEFUL = 30
"""Seconds that gunicorn gives to requests when it stops: https://docs.gunicorn.org/en/stable/settings.html#graceful-timeout."""
TASK = 300
"""Seconds that a task may take."""


class Ref(NamedTuple):
    """What one object names of another."""

    kind: str
    name: str
    key: str = ""


class _Engine:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [interpreter(), "-P", HERE / "kubernetes_engine.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lock = threading.Lock()
        atexit.register(self.process.kill)

    def ask(self, request: dict[str, Any]) -> list[list[str]]:
        assert self.process.stdin is not None and self.process.stdout is not None
        with self.lock:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        assert line, "kubernetes_engine.py ended"
        answer: list[list[str]] = json.loads(line)
        return answer


@cache
def _engine() -> _Engine:
    return _Engine()


@cache
def _schema_problems(objects: str, version: str) -> list[list[str]]:
    return _engine().ask({"objects": json.loads(objects), "version": version, "schemas": SCHEMAS})


def schema_problems(objects: Sequence[Object], version: str = VERSION) -> list[str]:
    """What is wrong with each object by itself: unknown fields, types, what is required. A kind without a schema too."""
    found = _schema_problems(json.dumps(objects), version)
    return [
        f"{title(one)}: {said}" for one, problems in zip(objects, found, strict=True) for said in problems
    ]


def reference_problems(
    objects: Sequence[Object], *, namespace: str, secrets: Mapping[str, Collection[str]] | None = None
) -> list[str]:
    """What is wrong between objects of one release: names that lead nowhere, selectors that select nothing.

    `secrets` are those that are there already, and their keys.
    """
    return [
        *_names(objects, namespace),
        *_resolved(objects, secrets or {}),
        *_selectors(objects),
        *_ports(objects),
        *_scaled(objects),
        *_volumes(objects),
    ]


def hook_problems(
    hooks: Sequence[tuple[int, Sequence[str], Sequence[str], Object]],
    *,
    secrets: Collection[str] = (),
) -> list[str]:
    """What is wrong with hooks: (weight, events, deletion policies, object).

    What an object names must come from a hook of a lower weight: nothing else is there on the first installation.
    """
    found = []
    before = [one for one in hooks if "test" not in one[1]]
    for weight, events, policies, thing in before:
        earlier = [other for other_weight, _, _, other in before if other_weight < weight]
        found += [f"hook {said}" for said in _resolved([thing], dict.fromkeys(secrets, ()), earlier)]
        if set(events) != {"pre-install", "pre-upgrade"}:
            found.append(f"hook {title(thing)}: runs at {', '.join(events)}")
        if "before-hook-creation" not in policies:
            found.append(f"hook {title(thing)}: is in the way of the next release")
    for _, _, _, thing in before:
        if thing["kind"] == "Job":
            spec = thing["spec"]
            found += [
                f"hook {title(thing)}: no {name}"
                for name in ("backoffLimit", "activeDeadlineSeconds")
                if name not in spec
            ]
    return found


def pod_problems(
    objects: Sequence[Object],
    known: Deployment,
) -> list[str]:
    """What of the rules for pods does not hold: users, file systems, probes, time to stop, one beat."""
    found = []
    for thing in objects:
        if thing["kind"] in WORKLOADS:
            found += [f"{title(thing)}: {said}" for said in _pod(thing, known)]
    return found


def environment_problems(
    objects: Sequence[Object],
    known: Deployment,
    *,
    secrets: Mapping[str, Collection[str]] | None = None,
) -> list[str]:
    """Which of the variables that the containers need are not given to which process.

    Keys of a Secret count where they are named one by one, or where `secrets` knows them.
    """
    found = []
    components = {component(one): one for one in objects if one["kind"] in WORKLOADS}
    for process in known.processes:
        if process.name == "flower" or process.name not in components:
            continue
        thing = components[process.name]
        given = environment_of(thing, objects, secrets or {})
        needed = {one.name for one in known.environment if one.required and not one.exported}
        found += [f"{title(thing)}: {name} is not set" for name in sorted(needed - set(given))]
        module = given.get("DJANGO_SETTINGS_MODULE")
        if module != known.settings_module:
            found.append(f"{title(thing)}: DJANGO_SETTINGS_MODULE is {module}, not {known.settings_module}")
    return found


def environment_of(
    workload: Object, objects: Sequence[Object], secrets: Mapping[str, Collection[str]]
) -> dict[str, str | None]:
    """The variables of its container, with the values of those that are no secret."""
    maps = {one["metadata"]["name"]: one.get("data", {}) for one in objects if one["kind"] == "ConfigMap"}
    container = containers(workload)[0]
    found: dict[str, str | None] = {}
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            found |= maps.get(source["configMapRef"]["name"], {})
        else:
            found |= dict.fromkeys(secrets.get(source["secretRef"]["name"], ()))
    for one in container.get("env", []):
        found[one["name"]] = one.get("value")
    return found


def title(thing: Object) -> str:
    """`Deployment/shop-web`."""
    return f"{thing.get('kind')}/{thing.get('metadata', {}).get('name')}"


def component(thing: Object) -> str:
    """What of the application it is: web, worker, beat, migrate."""
    return str(labels(thing).get("app.kubernetes.io/component", ""))


def labels(thing: Object) -> dict[str, str]:
    """Its labels."""
    return thing["metadata"].get("labels") or {}


def template(workload: Object) -> Object:
    """The template of its pods."""
    found: Object = workload["spec"]["template"]
    return found


def containers(workload: Object) -> list[Object]:
    """Its containers, those that only begin included."""
    spec = template(workload)["spec"]
    return [*spec.get("containers", []), *spec.get("initContainers", [])]


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    """The objects of these kinds."""
    return [one for one in objects if one["kind"] in kinds]


def named(objects: Sequence[Object], kind: str, name: str) -> Object | None:
    """The object of this kind and name."""
    return next((one for one in of_kind(objects, kind) if one["metadata"]["name"] == name), None)


def _names(objects: Sequence[Object], namespace: str) -> Iterator[str]:
    count = Counter((one["kind"], one["metadata"]["name"]) for one in objects)
    for (kind, name), times in count.items():
        if times > 1:
            yield f"{kind}/{name}: is there {times} times"
    for one in objects:
        name = one["metadata"]["name"]
        if not NAME.fullmatch(name) or len(name) > 63:
            yield f"{title(one)}: is no name"
        if one["kind"] not in CLUSTER_WIDE and one["metadata"].get("namespace") != namespace:
            yield f"{title(one)}: is in the namespace {one['metadata'].get('namespace')}, not {namespace}"
        for key, value in labels(one).items():
            if not LABEL.fullmatch(value):
                yield f"{title(one)}: {value!r} is no value for the label {key}"


def _references(thing: Object) -> Iterator[Ref]:
    """What it names of others."""
    spec = thing.get("spec") or {}
    kind = thing["kind"]
    if kind in WORKLOADS:
        pod = template(thing)["spec"]
        yield Ref("ServiceAccount", pod.get("serviceAccountName", "default"))
        for container in containers(thing):
            for source in container.get("envFrom", []):
                for key, wanted in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                    if key in source:
                        yield Ref(wanted, source[key]["name"])
            for one in container.get("env", []):
                origin = one.get("valueFrom") or {}
                for key, wanted in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                    if key in origin:
                        yield Ref(wanted, origin[key]["name"], origin[key]["key"])
        for volume in pod.get("volumes") or []:
            if "configMap" in volume:
                yield Ref("ConfigMap", volume["configMap"]["name"])
            if "secret" in volume:
                yield Ref("Secret", volume["secret"]["secretName"])
    elif kind == "ExternalSecret":
        yield Ref(spec["secretStoreRef"].get("kind", "SecretStore"), spec["secretStoreRef"]["name"])
    elif kind == "SecretStore":
        account = spec["provider"].get("aws", {}).get("auth", {}).get("jwt", {}).get("serviceAccountRef", {})
        if account:
            yield Ref("ServiceAccount", account["name"])
    elif kind in {"HorizontalPodAutoscaler", "ScaledObject"}:
        target = spec["scaleTargetRef"]
        yield Ref(target.get("kind", "Deployment"), target["name"])
        for trigger in spec.get("triggers", []):
            if "authenticationRef" in trigger:
                yield Ref("TriggerAuthentication", trigger["authenticationRef"]["name"])
    elif kind == "TriggerAuthentication":
        for one in spec.get("secretTargetRef", []):
            yield Ref("Secret", one["name"], one["key"])
    elif kind == "Ingress":
        for rule in spec.get("rules", []):
            for path in rule["http"]["paths"]:
                yield Ref("Service", path["backend"]["service"]["name"])
    elif kind == "HTTPRoute":
        for rule in spec["rules"]:
            for backend in rule["backendRefs"]:
                yield Ref("Service", backend["name"])


def _resolved(
    objects: Sequence[Object],
    secrets: Mapping[str, Collection[str]],
    there: Sequence[Object] | None = None,
) -> Iterator[str]:
    """References to what is not there."""
    there = objects if there is None else there
    known: dict[tuple[str, str], Collection[str] | None] = {
        (one["kind"], one["metadata"]["name"]): one.get("data") for one in there
    }
    known |= {("Secret", one["spec"]["target"]["name"]): None for one in of_kind(there, "ExternalSecret")}
    known |= {("Secret", name): keys or None for name, keys in secrets.items()}
    known[("ServiceAccount", "default")] = None
    for thing in objects:
        for ref in _references(thing):
            if ref.kind.startswith("Cluster"):
                continue
            if (ref.kind, ref.name) not in known:
                yield f"{title(thing)}: there is no {ref.kind} {ref.name}"
                continue
            keys = known[ref.kind, ref.name]
            if ref.key and keys is not None and ref.key not in keys:
                yield f"{title(thing)}: {ref.kind} {ref.name} has no key {ref.key}"


def _selects(selector: Object, of: Mapping[str, str]) -> bool:
    for one in selector.get("matchExpressions", []):
        value = of.get(one["key"])
        inside = value in one.get("values", [])
        if {"In": not inside, "NotIn": inside, "Exists": value is None}.get(one["operator"], True):
            return False
    return all(of.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())


def _pods_of(objects: Sequence[Object], selector: Object) -> list[Object]:
    return [
        one
        for one in of_kind(objects, *WORKLOADS)
        if _selects(selector, template(one)["metadata"].get("labels") or {})
    ]


def _selectors(objects: Sequence[Object]) -> Iterator[str]:
    """Selectors that change, or select nothing or too much."""
    for one in of_kind(objects, "Deployment", "StatefulSet"):
        selector = one["spec"]["selector"]
        unstable = set(selector.get("matchLabels", {})) - STABLE
        if unstable:
            yield f"{title(one)}: its selector has {', '.join(sorted(unstable))}, which change"
        selected = _pods_of(objects, selector)
        if one not in selected:
            yield f"{title(one)}: its selector does not fit its pods"
        for other in selected:
            if other is not one:
                yield f"{title(one)}: its selector takes pods of {title(other)}"
        for spread in template(one)["spec"].get("topologySpreadConstraints", []):
            if one not in _pods_of(objects, spread["labelSelector"]):
                yield f"{title(one)}: spreads pods of others"
    for one in of_kind(objects, "Service"):
        selected = _pods_of(objects, {"matchLabels": one["spec"].get("selector", {})})
        if [component(pod) for pod in selected] != ["web"]:
            yield f"{title(one)}: leads to {', '.join(map(title, selected)) or 'nothing'}"
    for one in of_kind(objects, "PodDisruptionBudget"):
        selected = _pods_of(objects, one["spec"]["selector"])
        if len(selected) != 1:
            yield f"{title(one)}: is for {', '.join(map(title, selected)) or 'nothing'}"
        for pod in selected:
            if _least(objects, pod) < 2:
                yield f"{title(one)}: with one pod, it keeps nodes from being drained"
        if one["spec"].get("minAvailable") is not None or one["spec"].get("maxUnavailable") != 1:
            yield f"{title(one)}: should be maxUnavailable: 1"
    for one in of_kind(objects, "NetworkPolicy"):
        alone = [pod for pod in of_kind(objects, "Pod") if _selects(one["spec"]["podSelector"], labels(pod))]
        if not alone and not _pods_of(objects, one["spec"]["podSelector"]):
            yield f"{title(one)}: is for nothing"


def _least(objects: Sequence[Object], workload: Object) -> int:
    """How many pods of a Deployment there are at least."""
    for one in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        if one["spec"]["scaleTargetRef"]["name"] == workload["metadata"]["name"]:
            return int(one["spec"].get("minReplicas", one["spec"].get("minReplicaCount", 0)))
    return int(workload["spec"].get("replicas", 1))


def _ports(objects: Sequence[Object]) -> Iterator[str]:
    """Ports that nothing has."""
    for one in of_kind(objects, *WORKLOADS):
        for container in containers(one):
            names = {port.get("name") for port in container.get("ports", [])}
            for probe in PROBES:
                port = container.get(probe, {}).get("httpGet", {}).get("port")
                if port is not None and port not in names:
                    yield f"{title(one)}: {probe} asks port {port}, which the container does not name"
    for one in of_kind(objects, "Service"):
        for pod in _pods_of(objects, {"matchLabels": one["spec"].get("selector", {})}):
            names = {port.get("name") for container in containers(pod) for port in container.get("ports", [])}
            for port in one["spec"]["ports"]:
                if port.get("targetPort") not in names:
                    yield f"{title(one)}: {title(pod)} has no port {port.get('targetPort')}"
    for one in of_kind(objects, "Ingress"):
        for rule in one["spec"].get("rules", []):
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                wanted = backend["port"].get("name", backend["port"].get("number"))
                if wanted not in _service_ports(objects, backend["name"]):
                    yield f"{title(one)}: Service {backend['name']} has no port {wanted}"
    for one in of_kind(objects, "HTTPRoute"):
        for rule in one["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                if backend["port"] not in _service_ports(objects, backend["name"]):
                    yield f"{title(one)}: Service {backend['name']} has no port {backend['port']}"
    for one in of_kind(objects, "NetworkPolicy"):
        for pod in _pods_of(objects, one["spec"]["podSelector"]):
            names = {port.get("name") for container in containers(pod) for port in container.get("ports", [])}
            for rule in one["spec"].get("ingress", []):
                for port in rule.get("ports", []):
                    if isinstance(port.get("port"), str) and port["port"] not in names:
                        yield f"{title(one)}: {title(pod)} has no port {port['port']}"


def _service_ports(objects: Sequence[Object], name: str) -> set[str | int]:
    service = named(objects, "Service", name)
    ports = service["spec"]["ports"] if service else []
    return {value for port in ports for value in (port.get("name"), port["port"])}


def _scaled(objects: Sequence[Object]) -> Iterator[str]:
    """Deployments whose number of pods more than one sets."""
    scalers = of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject")
    targets = Counter(one["spec"]["scaleTargetRef"]["name"] for one in scalers)
    for name, times in targets.items():
        if times > 1:
            yield f"Deployment/{name}: {times} scale it"
        target = named(objects, "Deployment", name)
        if target is not None and "replicas" in target["spec"]:
            yield f"{title(target)}: has replicas, which a scaler sets"
        if target is not None and component(target) == "beat":
            yield f"{title(target)}: is scaled, and must be one"
    for one in of_kind(objects, "Deployment"):
        if "replicas" not in one["spec"] and one["metadata"]["name"] not in targets:
            yield f"{title(one)}: nothing says how many"


def _volumes(objects: Sequence[Object]) -> Iterator[str]:
    """Volumes that are not mounted, and mounts of none."""
    for one in of_kind(objects, *WORKLOADS):
        volumes = [volume["name"] for volume in template(one)["spec"].get("volumes") or []]
        mounts = [
            mount["name"] for container in containers(one) for mount in container.get("volumeMounts", [])
        ]
        if len(set(volumes)) < len(volumes):
            yield f"{title(one)}: two volumes of one name"
        for name in sorted(set(mounts) - set(volumes)):
            yield f"{title(one)}: mounts {name}, which is no volume"
        for name in sorted(set(volumes) - set(mounts)):
            yield f"{title(one)}: nothing mounts {name}"


def _pod(workload: Object, known: Deployment) -> Iterator[str]:
    pod = template(workload)["spec"]
    process = known.process(component(workload))
    if process is None:
        yield f"is for {component(workload) or 'nothing'}, which the project does not have"
        return
    if pod.get("enableServiceLinks") is not False:
        yield "enableServiceLinks: a Service named redis would set REDIS_PORT"
    if pod.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken: nothing needs the token"
    if "checksum/config" not in (template(workload)["metadata"].get("annotations") or {}) and (
        workload["kind"] == "Deployment"
    ):
        yield "checksum/config: a new configuration restarts nothing"
    for container in containers(workload):
        yield from _container(container, pod, known)
    main = containers(workload)[0]
    if tuple(main.get("args") or ()) != process.command:
        yield f"args: {main.get('args')}, not {list(process.command)}"
    writable = [mount["mountPath"] for mount in main.get("volumeMounts", []) if not mount.get("readOnly")]
    for path in ("/tmp", *process.writes):
        if not any(path == mount or path.startswith(f"{mount}/") for mount in writable):
            yield f"{path} is written to, and is on no volume"
    checks = {"web": _web, "worker": _worker, "beat": _beat, "migrate": _migrate}
    yield from checks[process.name](workload, main, known)


def _container(container: Object, pod: Object, known: Deployment) -> Iterator[str]:
    outer, inner = pod.get("securityContext") or {}, container.get("securityContext") or {}
    both = outer | inner
    if known.image is not None and known.image.entrypoint and "command" in container:
        yield "command: replaces ENTRYPOINT, which args do not"
    if both.get("runAsNonRoot") is not True:
        yield "runAsNonRoot"
    user = both.get("runAsUser")
    if not isinstance(user, int) or isinstance(user, bool) or user <= 0:
        yield f"runAsUser: the image has USER {known.image.user if known.image else ''}, so kubelet needs a number"
    if "fsGroup" not in outer:
        yield "fsGroup: the user may not write to its volumes"
    if both.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile"
    if inner.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation"
    if inner.get("capabilities", {}).get("drop") != ["ALL"]:
        yield "capabilities"
    if inner.get("readOnlyRootFilesystem") is not True:
        yield "readOnlyRootFilesystem"
    resources = container.get("resources") or {}
    for path in ("requests.cpu", "requests.memory", "limits.memory"):
        part, name = path.split(".")
        if name not in resources.get(part, {}):
            yield f"resources.{path}"
    image = container.get("image", "")
    tag = image.rpartition("/")[2].partition(":")[2]
    if "@sha256:" not in image and tag in {"", "latest"}:
        yield f"image: {image} moves"


def _web(workload: Object, container: Object, known: Deployment) -> Iterator[str]:
    pod = template(workload)["spec"]
    process = known.process("web")
    ports = {port["containerPort"] for port in container.get("ports", [])}
    if process is None or process.port not in ports:
        yield f"listens at {process.port if process else None}, not {sorted(ports)}"
    paths = {"startupProbe": "/healthz/", "livenessProbe": "/healthz/", "readinessProbe": "/readyz/"}
    for probe, path in paths.items():
        asked = container.get(probe, {}).get("httpGet", {}).get("path")
        if asked != path:
            yield f"{probe}: asks {asked}, not {path}"
    drain = _drain(container)
    if drain < 10:
        yield "preStop: load balancers still send requests when it stops"
    if pod.get("terminationGracePeriodSeconds", 30) <= drain + GRACEFUL:
        yield "terminationGracePeriodSeconds: requests are cut off"
    if "topologySpreadConstraints" not in pod:
        yield "topologySpreadConstraints"
    if workload["spec"].get("strategy", {}).get("type") == "Recreate":
        yield "strategy: nobody serves while it is replaced"


def _drain(container: Object) -> int:
    hook = container.get("lifecycle", {}).get("preStop", {})
    if "sleep" in hook:
        return int(hook["sleep"]["seconds"])
    words = hook.get("exec", {}).get("command", [])
    return int(words[-1]) if words and words[-1].isdigit() else 0


def _worker(workload: Object, container: Object, known: Deployment) -> Iterator[str]:
    pod = template(workload)["spec"]
    limit = max(TASK, (known.celery.time_limit or 0) if known.celery else 0)
    if pod.get("terminationGracePeriodSeconds", 30) < limit:
        yield f"terminationGracePeriodSeconds: a task may take {limit} s"
    probe = container.get("livenessProbe", {})
    words = probe.get("exec", {}).get("command", [])
    entrypoint = list(known.image.entrypoint) if known.image else []
    if words[: len(entrypoint)] != entrypoint:
        yield "livenessProbe: does not pass through ENTRYPOINT"
    if known.celery is None or not re.search(rf"celery -A {known.celery.app} inspect ping", " ".join(words)):
        yield "livenessProbe: does not ping the worker"
    if "$HOSTNAME" not in " ".join(words):
        yield "livenessProbe: another worker may answer"
    if probe.get("periodSeconds", 10) < 60 or probe.get("timeoutSeconds", 1) < 10:
        yield "livenessProbe: loads Django each time, so it takes long"


def _beat(workload: Object, container: Object, known: Deployment) -> Iterator[str]:
    if workload["spec"].get("replicas") != 1:
        yield f"replicas: {workload['spec'].get('replicas')}, so tasks are sent as often"
    if workload["spec"].get("strategy", {}).get("type") != "Recreate":
        yield "strategy: two while it is replaced"
    if any(probe in container for probe in PROBES):
        yield "beat answers no probe"


def _migrate(workload: Object, container: Object, known: Deployment) -> Iterator[str]:
    if template(workload)["spec"].get("restartPolicy") != "Never":
        yield "restartPolicy"
    if any(probe in container for probe in PROBES):
        yield "a Job needs no probe"
