"""Schemas of kinds that Kubernetes itself does not have: the fields that may be used, and nothing else.

Written after the definitions of their projects, where more is allowed: what is not here is to be looked up there first.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string", "minLength": 1}
ANY_TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean"}
COUNT = {"type": "integer", "minimum": 0}
DURATION = {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"}
LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
HEADERS = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "value"],
        "properties": {"name": TEXT, "value": TEXT},
    },
}


def _only(*required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def _list(of: dict[str, Any], *, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


def _kind(version: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = _only("name", name=TEXT, namespace=TEXT, labels=LABELS, annotations=LABELS)
    return _only(
        "apiVersion",
        "kind",
        "metadata",
        "spec",
        apiVersion={"const": version},
        kind={"const": kind},
        metadata=metadata,
        spec=spec,
    )


# https://github.com/external-secrets/external-secrets/tree/main/config/crds/bases
STORE_REF = _only("name", kind={"enum": ["SecretStore", "ClusterSecretStore"]}, name=TEXT)
REMOTE = _only(
    "key",
    key=TEXT,
    property=TEXT,
    version=TEXT,
    conversionStrategy={"enum": ["Default", "Unicode"]},
    decodingStrategy={"enum": ["Auto", "Base64", "Base64URL", "None"]},
    metadataPolicy={"enum": ["None", "Fetch"]},
)
EXTERNAL_SECRET = _only(
    "secretStoreRef",
    "target",
    refreshInterval=DURATION,
    refreshPolicy={"enum": ["CreatedOnce", "Periodic", "OnChange"]},
    secretStoreRef=STORE_REF,
    target=_only(
        "name",
        name=TEXT,
        creationPolicy={"enum": ["Owner", "Orphan", "Merge", "None", "CreateOrMerge"]},
        deletionPolicy={"enum": ["Delete", "Merge", "Retain"]},
        immutable=BOOLEAN,
        template=_only(
            engineVersion={"const": "v2"},
            mergePolicy={"enum": ["Replace", "Merge"]},
            type=TEXT,
            data=LABELS,
            metadata=_only(annotations=LABELS, labels=LABELS),
        ),
    ),
    data=_list(_only("secretKey", "remoteRef", secretKey=TEXT, remoteRef=REMOTE), least=1),
    dataFrom=_list(_only("extract", extract=REMOTE), least=1),
)
SECRET_STORE = _only(
    "provider",
    controller=TEXT,
    refreshInterval=COUNT,
    provider=_only(
        "aws",
        aws=_only(
            "service",
            "region",
            service={"enum": ["SecretsManager", "ParameterStore"]},
            region={"type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$"},
            role=TEXT,
            auth=_only(
                jwt=_only(
                    "serviceAccountRef",
                    serviceAccountRef=_only("name", name=TEXT, namespace=TEXT, audiences=_list(TEXT)),
                ),
            ),
        ),
    ),
)

# https://github.com/kedacore/keda/tree/main/config/crd/bases; what a trigger of redis lists takes, all as text:
# https://keda.sh/docs/latest/scalers/redis-lists/
NUMBER = {"type": "string", "pattern": "^[0-9]+$"}
TRUTH = {"enum": ["true", "false"]}
REDIS = _only(
    "listName",
    "address",
    address={"type": "string", "pattern": "^[^:/@]+:[0-9]+$"},
    listName=TEXT,
    listLength=NUMBER,
    activationListLength=NUMBER,
    databaseIndex=NUMBER,
    enableTLS=TRUTH,
    unsafeSsl=TRUTH,
)
SCALED_OBJECT = _only(
    "scaleTargetRef",
    "triggers",
    scaleTargetRef=_only("name", apiVersion=TEXT, kind=TEXT, name=TEXT, envSourceContainerName=TEXT),
    pollingInterval=COUNT,
    cooldownPeriod=COUNT,
    idleReplicaCount=COUNT,
    minReplicaCount=COUNT,
    maxReplicaCount=COUNT,
    triggers=_list(
        _only(
            "type",
            "metadata",
            type={"const": "redis"},
            name=TEXT,
            metricType={"enum": ["AverageValue", "Value"]},
            metadata=REDIS,
            authenticationRef=_only(
                "name", kind={"enum": ["TriggerAuthentication", "ClusterTriggerAuthentication"]}, name=TEXT
            ),
        ),
        least=1,
    ),
)
TRIGGER_AUTHENTICATION = _only(
    "secretTargetRef",
    secretTargetRef=_list(
        _only("parameter", "name", "key", parameter={"enum": ["password", "username"]}, name=TEXT, key=TEXT),
        least=1,
    ),
)

# https://github.com/kubernetes-sigs/gateway-api/tree/main/config/crd/standard
HTTP_ROUTE = _only(
    "parentRefs",
    "rules",
    parentRefs=_list(
        _only(
            "name",
            group=ANY_TEXT,
            kind=TEXT,
            name=TEXT,
            namespace=TEXT,
            port={"type": "integer"},
            sectionName=TEXT,
        ),
        least=1,
    ),
    hostnames=_list(TEXT),
    rules=_list(
        _only(
            "backendRefs",
            name=TEXT,
            matches=_list(
                _only(
                    path=_only(
                        "value",
                        type={"enum": ["Exact", "PathPrefix", "RegularExpression"]},
                        value={"type": "string", "pattern": "^/"},
                    ),
                    headers=_list(_only("name", "value", type=TEXT, name=TEXT, value=TEXT)),
                    method={"enum": ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]},
                )
            ),
            filters=_list(
                _only(
                    "type",
                    type={"enum": ["RequestHeaderModifier", "ResponseHeaderModifier"]},
                    requestHeaderModifier=_only(set=HEADERS, add=HEADERS, remove=_list(TEXT)),
                    responseHeaderModifier=_only(set=HEADERS, add=HEADERS, remove=_list(TEXT)),
                )
            ),
            backendRefs=_list(
                _only(
                    "name",
                    "port",
                    group=ANY_TEXT,
                    kind=TEXT,
                    name=TEXT,
                    port={"type": "integer"},
                    weight=COUNT,
                ),
                least=1,
            ),
        ),
        least=1,
    ),
)

SCHEMAS = {
    f"{version}/{kind}": _kind(version, kind, spec)
    for version, kind, spec in (
        ("external-secrets.io/v1", "ExternalSecret", EXTERNAL_SECRET),
        ("external-secrets.io/v1", "SecretStore", SECRET_STORE),
        ("keda.sh/v1alpha1", "ScaledObject", SCALED_OBJECT),
        ("keda.sh/v1alpha1", "TriggerAuthentication", TRIGGER_AUTHENTICATION),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", HTTP_ROUTE),
    )
}
"""By `apiVersion/kind`."""
