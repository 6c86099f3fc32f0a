"""Helm itself, in a process of its own: JSON lines in, JSON lines out. Runs on the Python that has `helm-sdkpy`.

`helm-sdkpy` has no `template`: it installs. So a Kubernetes API on the loopback interface takes whatever it is given,
and what Helm stored as the release is the render.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    "v1": ("Namespace", "ConfigMap", "Secret", "Service", "ServiceAccount", "Pod", "PersistentVolumeClaim"),
    "apps/v1": ("Deployment", "ReplicaSet", "StatefulSet"),
    "batch/v1": ("Job", "CronJob"),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "policy/v1": ("PodDisruptionBudget",),
    "networking.k8s.io/v1": ("Ingress", "NetworkPolicy"),
    "rbac.authorization.k8s.io/v1": ("Role", "RoleBinding"),
    "external-secrets.io/v1": ("ExternalSecret", "SecretStore"),
    "keda.sh/v1alpha1": ("ScaledObject", "TriggerAuthentication"),
    "gateway.networking.k8s.io/v1": ("HTTPRoute",),
}
"""What the API serves: a kind that is not here makes Helm fail as on a cluster that lacks its definition."""
DONE = {
    "Job": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]},
    "Pod": {"phase": "Succeeded", "conditions": [{"type": "Ready", "status": "True"}]},
}
"""What is run is done at once."""


CLOSED = "rendered, which was all that was wanted"
KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
  - name: fake
    cluster:
      server: http://127.0.0.1:{port}
users:
  - name: fake
    user: {{}}
contexts:
  - name: fake
    context:
      cluster: fake
      user: fake
current-context: fake
"""


def plural(kind: str) -> str:
    """The name of a kind in addresses."""
    lower = kind.lower()
    return lower[:-1] + "ies" if lower.endswith("y") else lower + ("es" if lower.endswith("s") else "s")


def resources(version: str) -> list[dict[str, Any]]:
    """The list of discovery for one group and version."""
    return [
        {
            "name": plural(kind),
            "singularName": kind.lower(),
            "namespaced": kind != "Namespace",
            "kind": kind,
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        }
        for kind in KINDS[version]
    ]


def fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a Protocol Buffers message that have a length: texts, messages, maps."""
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    while at < len(data):
        key = number()
        size = number()
        if key & 7 == 2:
            yield key >> 3, data[at : at + size]
            at += size


def secret_of(message: bytes) -> dict[str, Any]:
    """A Secret as client-go sends it: https://github.com/kubernetes/api/blob/master/core/v1/generated.proto."""
    body: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"labels": {}}, "data": {}}
    for number, value in fields(dict(fields(message))[2]):
        if number == 1:
            for key, one in fields(value):
                if key == 1:
                    body["metadata"]["name"] = one.decode()
                elif key == 11:
                    pair = dict(fields(one))
                    body["metadata"]["labels"][pair[1].decode()] = pair[2].decode()
        elif number == 2:
            pair = dict(fields(value))
            body["data"][pair[1].decode()] = base64.b64encode(pair[2]).decode()
        elif number == 3:
            body["type"] = value.decode()
    return body


class Cluster:
    """All objects, by their addresses, and the order in which they came."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clear()

    def clear(self, *, closed: bool = False) -> None:
        """A cluster without anything; one that is closed takes nothing but releases."""
        self.closed = closed
        self.objects: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.count = 0

    def put(self, path: str, body: dict[str, Any], *, created: bool) -> dict[str, Any]:
        """Keep an object."""
        with self.lock:
            self.count += 1
            meta = body.setdefault("metadata", {})
            meta["resourceVersion"] = str(self.count)
            meta.setdefault("uid", f"00000000-0000-0000-0000-{self.count:012d}")
            meta.setdefault("creationTimestamp", "2026-01-01T00:00:00Z")
            meta.setdefault("generation", 1)
            if status := DONE.get(body.get("kind", "")):
                body["status"] = status
            self.objects[path] = body
            if created and not body.get("type", "").startswith("helm.sh/"):
                self.order.append(f"{body.get('kind')}/{meta.get('name')}")
            return body


CLUSTER = Cluster()


class API(BaseHTTPRequestHandler):
    """As much of a Kubernetes API as Helm asks."""

    protocol_version = "HTTP/1.1"
    # Headers and body in one packet, at once: else each answer waits 40 ms for the other side.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Silent."""

    def answer(self, body: Any, status: int = 200) -> None:
        """Send JSON."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def failed(self, code: int, reason: str, message: str = "") -> None:
        """Send an error."""
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason}
        self.answer({**status, "message": message, "code": code}, code)

    def missing(self) -> None:
        """Send 404."""
        self.failed(404, "NotFound")

    def body(self) -> dict[str, Any]:
        """What was sent."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return secret_of(data[4:]) if data.startswith(b"k8s\0") else json.loads(data or b"{}")

    def do_GET(self) -> None:
        """Discovery, objects, lists and watches."""
        url = urlsplit(self.path)
        path, query = url.path.rstrip("/"), parse_qs(url.query)
        if path == "/version":
            return self.answer({"major": "1", "minor": "35", "gitVersion": "v1.35.0"})
        if path == "/openapi/v2":
            self.send_response(200)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if path == "/api":
            return self.answer({"kind": "APIVersions", "versions": ["v1"]})
        if path == "/apis":
            groups = [
                {
                    "name": version.split("/")[0],
                    "versions": [one := {"groupVersion": version, "version": version.split("/")[1]}],
                    "preferredVersion": one,
                }
                for version in KINDS
                if "/" in version
            ]
            return self.answer({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        version = path.removeprefix("/apis/").removeprefix("/api/")
        if version in KINDS:
            found = resources(version)
            return self.answer(
                {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": found}
            )
        if path in CLUSTER.objects:
            return self.answer(CLUSTER.objects[path])
        name = path.rsplit("/", 1)[1]
        if any(name == plural(kind) for kinds in KINDS.values() for kind in kinds):
            return self.listed(path, query)
        return self.missing()

    def listed(self, path: str, query: dict[str, list[str]]) -> None:
        """A list, or a watch of it."""
        with CLUSTER.lock:
            found = [one for key, one in CLUSTER.objects.items() if key.rpartition("/")[0] == path]
        for selector in query.get("labelSelector", []):
            for pair in selector.split(","):
                key, _, value = pair.partition("=")
                found = [one for one in found if one["metadata"].get("labels", {}).get(key) == value]
        for selector in query.get("fieldSelector", []):
            name = selector.removeprefix("metadata.name=")
            found = [one for one in found if one["metadata"]["name"] == name]
        if "watch" not in query:
            head = found[0] if found else {"apiVersion": "v1", "kind": ""}
            listing = {"apiVersion": head["apiVersion"], "kind": f"{head['kind']}List"}
            return self.answer(
                {**listing, "metadata": {"resourceVersion": str(CLUSTER.count)}, "items": found}
            )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            for one in found:
                self.wfile.write(json.dumps({"type": "ADDED", "object": one}).encode() + b"\n")
            kind = next(
                (version, kind)
                for version, kinds in KINDS.items()
                for kind in kinds
                if plural(kind) == path.rsplit("/", 1)[1]
            )
            end = {
                "apiVersion": kind[0],
                "kind": kind[1],
                "metadata": {
                    "resourceVersion": str(CLUSTER.count),
                    "annotations": {"k8s.io/initial-events-end": "true"},
                },
            }
            self.wfile.write(json.dumps({"type": "BOOKMARK", "object": end}).encode() + b"\n")
            self.wfile.flush()
            time.sleep(1)
        self.close_connection = True
        return None

    def do_POST(self) -> None:
        """Create."""
        body = self.body()
        if CLUSTER.closed and not body.get("type", "").startswith("helm.sh/"):
            return self.failed(403, "Forbidden", CLOSED)
        path = f"{urlsplit(self.path).path.rstrip('/')}/{body['metadata']['name']}"
        if path in CLUSTER.objects:
            return self.failed(409, "AlreadyExists", f"{path} already exists")
        return self.answer(CLUSTER.put(path, body, created=True), 201)

    def do_PUT(self) -> None:
        """Replace."""
        self.answer(CLUSTER.put(urlsplit(self.path).path, self.body(), created=False))

    def do_PATCH(self) -> None:
        """Take the patch for granted."""
        path = urlsplit(self.path).path
        body = self.body()
        if path not in CLUSTER.objects:
            return self.answer(CLUSTER.put(path, body, created=True), 201)
        return self.answer(CLUSTER.objects[path])

    def do_DELETE(self) -> None:
        """Delete."""
        self.body()
        gone = CLUSTER.objects.pop(urlsplit(self.path).path, None)
        if gone is None:
            return self.missing()
        return self.answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})


def stored() -> dict[str, Any]:
    """The newest release that Helm stored."""
    found = [one for one in CLUSTER.objects.values() if one.get("type") == "helm.sh/release.v1"]
    if not found:
        return {}
    raw = found[-1]["data"]["release"]
    return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(raw))))


def lint(request: dict[str, Any], kubeconfig: str) -> dict[str, Any]:
    """`helm lint`."""
    from helm_sdkpy import Configuration, Lint

    config = Configuration(namespace=request["namespace"], kubeconfig=kubeconfig)
    return {"lint": asyncio.run(Lint(config).run(request["chart"]))}


def render(request: dict[str, Any], kubeconfig: str) -> dict[str, Any]:
    """`helm install`, as far as it is asked for, and `helm upgrade` behind it."""
    from helm_sdkpy import Configuration, Install, Upgrade
    from helm_sdkpy.exceptions import HelmError

    CLUSTER.clear(closed=not request["run_hooks"])
    config = Configuration(namespace=request["namespace"], kubeconfig=kubeconfig)
    error = ""
    try:
        ran = Install(config).run(
            request["release"], request["chart"], request["values"], wait=False, timeout=60
        )
        asyncio.run(ran)
        if request["upgrade"]:
            CLUSTER.order.clear()
            again = Upgrade(config).run(
                request["release"], request["chart"], request["values"], wait=False, timeout=60
            )
            asyncio.run(again)
    except HelmError as failed:
        error = "" if CLOSED in str(failed) else str(failed)
    release = stored()
    if not release and not error:
        error = "nothing was stored"
    hooks = release.get("hooks") or []
    return {
        "error": error,
        "objects": documents(release.get("manifest", "")),
        "notes": release.get("info", {}).get("notes", ""),
        "hooks": [{**hook, "object": documents(hook["manifest"])[0]} for hook in hooks],
        "order": CLUSTER.order,
    }


def documents(text: str) -> list[Any]:
    """The documents of a YAML stream that are not empty."""
    import yaml

    return [one for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one]


DO = {"lint": lint, "render": render}


def main() -> None:
    """Answer requests until the input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), API)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kubeconfig = KUBECONFIG.format(port=server.server_address[1])
    for line in sys.stdin:
        request = json.loads(line)
        answer = DO[request["do"]](request, kubeconfig)
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()
