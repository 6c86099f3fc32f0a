"""Schemas of small providers, written by hand: what their documentation says about the resources in use.

An attribute is its type and how it is set: `!` must be, `?` may be, `=` is computed, `?=` is computed if it is not
set, `?w` may be and is not kept.
"""

from __future__ import annotations

from typing import Any

STRINGS, NUMBERS = ["list", "string"], ["list", "number"]
TEXTS = ["map", "string"]
MODES = {"!": "required", "?": "optional", "=": "computed", "?=": "either", "?w": "optional"}


def attributes(**given: tuple[Any, str] | str) -> dict[str, Any]:
    """`name="string?"`, or `name=(type, "?")`."""
    found = {}
    for name, each in given.items():
        kind, mode = (
            each if isinstance(each, tuple) else (each.rstrip("!?=w"), each[len(each.rstrip("!?=w")) :])
        )
        found[name] = {"type": kind, "mode": MODES[mode]}
        if mode == "?w":
            found[name]["write_only"] = True
    return found


def block(
    nesting: str = "", *, blocks: dict[str, Any] | None = None, most: int = 0, **given: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {"attributes": attributes(**given), "blocks": blocks or {}}
    if nesting:
        made |= {"nesting": nesting, "max": most}
    return made


def nested(nesting: str, **given: Any) -> dict[str, Any]:
    return {"nesting": nesting, "attributes": attributes(**given)}


LETTERS: dict[str, Any] = {
    "length": "number!",
    "special": "bool?=",
    "upper": "bool?=",
    "lower": "bool?=",
    "numeric": "bool?=",
    "min_numeric": "number?=",
    "min_upper": "number?=",
    "min_lower": "number?=",
    "min_special": "number?=",
    "override_special": "string?",
    "result": "string=",
}
KEPT: dict[str, Any] = {"keepers": (TEXTS, "?"), "id": "string="}

RANDOM = {
    "resources": {
        "random_password": block(**LETTERS, **KEPT, bcrypt_hash="string="),
        "random_string": block(**LETTERS, **KEPT),
        "random_id": block(
            **KEPT,
            byte_length="number!",
            prefix="string?",
            hex="string=",
            dec="string=",
            b64_url="string=",
            b64_std="string=",
        ),
        "random_integer": block(**KEPT, min="number!", max="number!", seed="string?", result="number="),
        "random_pet": block(**KEPT, length="number?=", prefix="string?", separator="string?="),
        "random_uuid": block(**KEPT, result="string="),
        "random_bytes": block(keepers=(TEXTS, "?"), length="number!", hex="string=", base64="string="),
    },
    "ephemeral": {"random_password": block(**LETTERS, bcrypt_hash="string=")},
}

SUBJECT = block("list", most=1, common_name="string?", organization="string?", country="string?")
TLS = {
    "resources": {
        "tls_private_key": block(
            algorithm="string!",
            rsa_bits="number?=",
            ecdsa_curve="string?=",
            id="string=",
            private_key_pem="string=",
            private_key_openssh="string=",
            public_key_pem="string=",
            public_key_openssh="string=",
        ),
        "tls_self_signed_cert": block(
            blocks={"subject": SUBJECT},
            private_key_pem="string!",
            validity_period_hours="number!",
            allowed_uses=(STRINGS, "!"),
            dns_names=(STRINGS, "?"),
            early_renewal_hours="number?=",
            is_ca_certificate="bool?=",
            id="string=",
            cert_pem="string=",
        ),
    },
    "data": {
        "tls_certificate": block(
            url="string?",
            content="string?",
            verify_chain="bool?",
            id="string=",
            certificates=(["list", ["object", {"sha1_fingerprint": "string", "cert_pem": "string"}]], "="),
        ),
    },
}

MOMENT: dict[str, Any] = {
    "triggers": (TEXTS, "?"),
    "id": "string=",
    "rfc3339": "string?=",
    "unix": "number=",
    "year": "number=",
    "month": "number=",
    "day": "number=",
}
TIME = {
    "resources": {
        "time_sleep": block(
            triggers=(TEXTS, "?"), create_duration="string?", destroy_duration="string?", id="string="
        ),
        "time_static": block(**MOMENT),
        "time_rotating": block(
            **MOMENT,
            rotation_days="number?",
            rotation_hours="number?",
            rotation_minutes="number?",
            rotation_months="number?",
            rotation_years="number?",
            rotation_rfc3339="string?=",
        ),
        "time_offset": block(
            **MOMENT, offset_days="number?", offset_hours="number?", base_rfc3339="string?="
        ),
    },
}

NULL = {
    "resources": {"null_resource": block(triggers=(TEXTS, "?"), id="string=")},
    "data": {
        "null_data_source": block(inputs=(TEXTS, "?"), outputs=(TEXTS, "="), id="string=", random="string=")
    },
}

CLOUDINIT = {
    "data": {
        "cloudinit_config": block(
            blocks={
                "part": block(
                    "list",
                    content="string!",
                    content_type="string?",
                    filename="string?",
                    merge_type="string?",
                )
            },
            gzip="bool?",
            base64_encode="bool?",
            boundary="string?",
            id="string=",
            rendered="string=",
        ),
    },
}

EXEC = nested("single", api_version="string!", command="string!", args=(STRINGS, "?"), env=(TEXTS, "?"))
CONNECTION: dict[str, Any] = {
    "host": "string?",
    "username": "string?",
    "password": "string?",
    "insecure": "bool?",
    "tls_server_name": "string?",
    "client_certificate": "string?",
    "client_key": "string?",
    "cluster_ca_certificate": "string?",
    "config_path": "string?",
    "config_paths": (STRINGS, "?"),
    "config_context": "string?",
    "token": "string?",
    "proxy_url": "string?",
}
# https://registry.terraform.io/providers/hashicorp/helm/latest/docs/guides/v3-upgrade-guide
HELM = {
    "provider": block(
        debug="bool?",
        plugins_path="string?",
        registry_config_path="string?",
        repository_config_path="string?",
        repository_cache="string?",
        helm_driver="string?",
        burst_limit="number?",
        qps="number?",
        kubernetes=(nested("single", **CONNECTION, exec=(EXEC, "?")), "?"),
        registries=(nested("list", url="string!", username="string!", password="string!"), "?"),
        experiments=(nested("single", manifest="bool?"), "?"),
    ),
    "resources": {
        "helm_release": block(
            name="string!",
            chart="string!",
            repository="string?",
            version="string?=",
            namespace="string?=",
            create_namespace="bool?=",
            description="string?",
            atomic="bool?=",
            cleanup_on_fail="bool?=",
            dependency_update="bool?=",
            devel="bool?",
            disable_crd_hooks="bool?=",
            disable_openapi_validation="bool?=",
            disable_webhooks="bool?=",
            force_update="bool?=",
            keyring="string?",
            lint="bool?=",
            max_history="number?=",
            pass_credentials="bool?=",
            recreate_pods="bool?=",
            render_subchart_notes="bool?=",
            replace="bool?=",
            repository_ca_file="string?",
            repository_cert_file="string?",
            repository_key_file="string?",
            repository_password="string?",
            repository_username="string?",
            reset_values="bool?=",
            reuse_values="bool?=",
            skip_crds="bool?=",
            take_ownership="bool?=",
            timeout="number?=",
            timeouts=(
                nested("single", **dict.fromkeys(("create", "read", "update", "delete"), "string?")),
                "?",
            ),
            upgrade_install="bool?=",
            values=(STRINGS, "?"),
            verify="bool?=",
            wait="bool?=",
            wait_for_jobs="bool?=",
            set=(nested("list", name="string!", value="string?", type="string?"), "?"),
            set_list=(nested("list", name="string!", value=(STRINGS, "!")), "?"),
            set_sensitive=(nested("list", name="string!", value="string!", type="string?"), "?"),
            set_wo=(nested("list", name="string!", value="string!", type="string?"), "?w"),
            set_wo_revision="number?",
            postrender=(nested("single", binary_path="string!", args=(STRINGS, "?")), "?"),
            id="string=",
            manifest="string=",
            metadata=("dynamic", "="),
            status="string=",
        ),
    },
}

METADATA = block(
    "list",
    most=1,
    name="string?=",
    generate_name="string?",
    namespace="string?",
    labels=(TEXTS, "?"),
    annotations=(TEXTS, "?"),
    generation="number=",
    resource_version="string=",
    uid="string=",
)


def _object(blocks: dict[str, Any] | None = None, *, cluster: bool = False, **given: Any) -> dict[str, Any]:
    """An object of Kubernetes; those of the `cluster` are in no namespace."""
    metadata = METADATA | {"min": 1}
    if cluster:
        own = {name: each for name, each in METADATA["attributes"].items() if name != "namespace"}
        metadata |= {"attributes": own}
    return block(blocks={"metadata": metadata, **(blocks or {})}, id="string=", **given)


SUBJECTS = block("list", kind="string!", name="string!", namespace="string?", api_group="string?=")
ROLE = block("list", most=1, api_group="string!", kind="string!", name="string!")
RULE = block(
    "list",
    api_groups=(STRINGS, "!"),
    resources=(STRINGS, "!"),
    verbs=(STRINGS, "!"),
    resource_names=(STRINGS, "?"),
)
KINDS = {
    "namespace": _object(cluster=True, wait_for_default_service_account="bool?"),
    "service_account": _object(automount_service_account_token="bool?", default_secret_name="string="),
    "config_map": _object(data=(TEXTS, "?"), binary_data=(TEXTS, "?"), immutable="bool?"),
    "secret": _object(
        data=(TEXTS, "?"),
        binary_data=(TEXTS, "?"),
        data_wo=(TEXTS, "?w"),
        data_wo_revision="number?",
        immutable="bool?",
        type="string?",
        wait_for_service_account_token="bool?",
    ),
    "role": _object({"rule": RULE}),
    "role_binding": _object({"role_ref": ROLE, "subject": SUBJECTS}),
    "cluster_role_binding": _object({"role_ref": ROLE, "subject": SUBJECTS}, cluster=True),
    "storage_class": _object(
        cluster=True,
        storage_provisioner="string!",
        parameters=(TEXTS, "?"),
        reclaim_policy="string?",
        volume_binding_mode="string?",
        allow_volume_expansion="bool?",
    ),
}
KUBERNETES = {
    "provider": block(
        blocks={
            "exec": block(
                "list",
                most=1,
                api_version="string!",
                command="string!",
                args=(STRINGS, "?"),
                env=(TEXTS, "?"),
            )
        },
        **CONNECTION,
        ignore_annotations=(STRINGS, "?"),
        ignore_labels=(STRINGS, "?"),
    ),
    "resources": {
        **{f"kubernetes_{kind}{version}": each for kind, each in KINDS.items() for version in ("", "_v1")},
        "kubernetes_manifest": block(
            manifest=("dynamic", "!"),
            object=("dynamic", "?="),
            computed_fields=(STRINGS, "?"),
            wait_for=("dynamic", "?"),
        ),
        "kubernetes_annotations": block(
            blocks={"metadata": block("list", most=1, name="string!", namespace="string?")},
            api_version="string!",
            kind="string!",
            annotations=(TEXTS, "!"),
            force="bool?",
            id="string=",
        ),
    },
}

STUBS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "random": (("3.99.0",), RANDOM),
    "tls": (("4.99.0",), TLS),
    "time": (("0.99.0",), TIME),
    "null": (("3.99.0",), NULL),
    "cloudinit": (("2.99.0",), CLOUDINIT),
    "helm": (("3.99.0",), HELM),
    "kubernetes": (("2.99.0", "3.99.0"), KUBERNETES),
    # For modules that stand in as well: what comes out of them.
    "standin": (
        ("1.0.0",),
        {"resources": {"standin_value": block(names=(STRINGS, "!"), value=("dynamic", "="))}},
    ),
}
"""What each provider is, and in which versions it is there: the last ones that there could be."""
