"""What values may be: a misspelt one is an error rather than ignored."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 80
TEXT: dict[str, Any] = {"type": "string"}
FILLED: dict[str, Any] = {"type": "string", "minLength": 1}
BOOLEAN: dict[str, Any] = {"type": "boolean"}
FREE: dict[str, Any] = {"type": "object"}
OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string", "minLength": 1}}
WORDS: dict[str, Any] = {**TEXTS, "minItems": 1}
MAP: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
# No numbers: Helm would write 10000000 as 1e+07.
VARIABLES: dict[str, Any] = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {"type": "string"},
}


def schema(facts: dict[str, Any]) -> str:
    """The JSON schema of the values, as text."""
    top: dict[str, Any] = {
        "global": FREE,
        "nameOverride": TEXT,
        "fullnameOverride": TEXT,
        "image": _only(
            repository=TEXT,
            tag={"type": "string", "not": {"const": "latest"}},
            digest={"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            pullPolicy={"enum": ["IfNotPresent", "Always", "Never"]},
        ),
        "imagePullSecrets": OBJECTS,
        "hosts": {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9*.-]+$"}},
        "settingsModule": {"type": "string", "pattern": "^\\w+(\\.\\w+)*$"},
        "config": VARIABLES,
        "secrets": _only(keys=TEXTS, existing=TEXT),
        "externalSecrets": _only(
            enabled=BOOLEAN,
            refreshInterval=FILLED,
            entries=TEXTS,
            store=_only(
                create=BOOLEAN,
                region=TEXT,
                useServiceAccount=BOOLEAN,
                kind={"enum": ["SecretStore", "ClusterSecretStore"]},
                name=TEXT,
            ),
        ),
        "serviceAccount": _only(create=BOOLEAN, name=TEXT, annotations=MAP, automount=BOOLEAN),
        "podSecurityContext": FREE,
        "securityContext": FREE,
        "extraVolumes": OBJECTS,
        "extraVolumeMounts": OBJECTS,
        "web": _only(
            args=WORDS,
            port=_port(),
            replicas=_whole(0),
            drainSeconds=_whole(1),
            terminationGracePeriodSeconds=_whole(1),
            autoscaling=_autoscaling(),
            podDisruptionBudget=_only(enabled=BOOLEAN),
            **_pod(),
        ),
        "service": _only(
            type={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]}, port=_port(), annotations=MAP
        ),
        "ingress": _only(
            enabled=BOOLEAN,
            className=TEXT,
            annotations=MAP,
            tls={"type": "array", "items": _only(secretName=FILLED, hosts=TEXTS)},
            paths={
                "type": "array",
                "minItems": 1,
                "items": _only(path=FILLED, pathType={"enum": ["Prefix", "Exact", "ImplementationSpecific"]}),
            },
        ),
        "httpRoute": _only(
            enabled=BOOLEAN,
            annotations=MAP,
            parentRefs=OBJECTS,
            rules={"type": "array", "minItems": 1, "items": _only(matches=OBJECTS, filters=OBJECTS)},
        ),
        "networkPolicy": _only(enabled=BOOLEAN, ingressFrom=OBJECTS, egress=OBJECTS),
        "migrate": _only(
            enabled=BOOLEAN, args=WORDS, backoffLimit=_whole(0), activeDeadlineSeconds=_whole(1), **_pod()
        ),
        "extraObjects": OBJECTS,
    }
    if facts["worker"]:
        top["worker"] = _worker()
    if facts["beat"]:
        top["beat"] = _only(enabled=BOOLEAN, args=WORDS, **_pod())
    whole = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Values", **_only(**top)}
    return _written(whole) + "\n"


def _worker() -> dict[str, Any]:
    return _only(
        enabled=BOOLEAN,
        args=WORDS,
        replicas=_whole(0),
        pingCommand=WORDS,
        terminationGracePeriodSeconds=_whole(1),
        autoscaling=_autoscaling(),
        keda=_only(
            enabled=BOOLEAN,
            minReplicas=_whole(0),
            maxReplicas=_whole(1),
            address={"type": "string", "pattern": "^([^:/@]+:[0-9]+)?$"},
            enableTLS=BOOLEAN,
            databaseIndex=_whole(0),
            passwordKey=TEXT,
            queue=FILLED,
            tasksPerWorker=_whole(1),
        ),
        podDisruptionBudget=_only(enabled=BOOLEAN),
        **_pod(),
    )


def _pod() -> dict[str, Any]:
    """What can be said of every pod."""
    return {
        "env": VARIABLES,
        "writable": {"type": "array", "items": {"type": "string", "pattern": "^/"}},
        "resources": FREE,
        "podAnnotations": MAP,
        "podLabels": MAP,
        "nodeSelector": MAP,
        "tolerations": OBJECTS,
        "affinity": FREE,
    }


def _autoscaling() -> dict[str, Any]:
    return _only(
        enabled=BOOLEAN,
        minReplicas=_whole(1),
        maxReplicas=_whole(1),
        targetCPUUtilizationPercentage=_whole(1),
    )


def _only(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _whole(least: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least}


def _port() -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": 65535}


def _written(value: Any, indent: str = "") -> str:
    """JSON as prettier has it: what fits on a line is on one, unless it is an object."""
    short = json.dumps(value)
    if not isinstance(value, dict | list) or not value:
        return short
    below = indent + "  "
    if isinstance(value, dict):
        rows = [f"{below}{json.dumps(key)}: {_written(one, below)}" for key, one in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if not any(isinstance(one, dict | list) for one in value) and len(indent) + len(short) <= WIDTH:
        return short
    return "[\n" + ",\n".join(f"{below}{_written(one, below)}" for one in value) + f"\n{indent}]"
