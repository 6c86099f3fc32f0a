"""The schema of the AWS provider, from the classes that CDK Terrain (once CDK for Terraform) has for it on PyPI."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "@cdktn/provider-aws"
NAMED = re.compile(r"#(\w+) \w+#\w+\}")
TYPED = re.compile(r"(aws_\w+)\}")
CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")

EITHER = {
    "id",
    "tags_all",
    "region",
    "name",
    "name_prefix",
    "port",
    "availability_zone",
    "arn",
    "kms_key_id",
    "username",
}
"""Attributes that are computed if they are not set. The classes do not tell; all others count as plain."""

SETS = {
    "aws_security_group",
    "aws_default_security_group",
    "aws_route_table",
    "aws_default_route_table",
    "aws_network_acl",
}
"""Resources with sets of objects, of which the order does not count."""

STRING, NUMBER, BOOL = "string", "number", "bool"
STRINGS = ["list", STRING]


def read(wheel: Path) -> dict[str, dict[str, Any]]:
    """The schema from the wheel of cdktn-provider-aws: resources, data sources and the provider's block."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(archive.read(name))) as inner:
            # Looked for from the start: it is near there, and the rest is long.
            member = next(member for member in inner if member.name == "package/.jsii")
            classes = json.load(inner.extractfile(member))["types"]  # type: ignore[arg-type]
    found: dict[str, dict[str, Any]] = {"resources": {}, "data": {}, "provider": {}}
    for each in classes.values():
        base = each.get("base")
        if base == "cdktn.TerraformProvider":
            found["provider"] = _block(classes, _config(each))
            # Terraform's own.
            found["provider"]["attributes"].pop("alias")
        elif base in ("cdktn.TerraformResource", "cdktn.TerraformDataSource"):
            where = found["resources" if base == "cdktn.TerraformResource" else "data"]
            type_ = TYPED.search(each["docs"]["summary"])[1]  # type: ignore[index]
            where[type_] = _complete(classes, each, type_)
    return found


def _complete(classes: dict[str, Any], class_: dict[str, Any], type_: str) -> dict[str, Any]:
    config = _config(class_)
    block = _block(classes, config, as_set=type_ in SETS)
    attributes = block["attributes"]
    given = {each["name"] for each in classes[config].get("properties", ())}
    for name, kind in _computed(classes, class_, given):
        attributes.setdefault(name, {"type": kind, "mode": "computed"})
    attributes.setdefault("id", {"type": STRING, "mode": "computed"})
    return block


def _config(class_: dict[str, Any]) -> str:
    """The class of what is given to make one."""
    return class_["initializer"]["parameters"][-1]["type"]["fqn"]


def _block(
    classes: dict[str, Any], name: str, *, as_set: bool = False, above: tuple[str, ...] = ()
) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    blocks: dict[str, Any] = {}
    for each in classes[name].get("properties", ()):
        docs = f"{each['docs'].get('summary', '')} {each['docs'].get('remarks', '')}"
        named = NAMED.search(docs)
        own = named[1] if named else _snake(each["name"])
        optional = each.get("optional", False)
        if " block." in docs:
            many, inner = _inner(each["type"])
            # Statements of firewalls have statements in them; nothing here goes that deep.
            known = inner and inner not in above
            block = (
                _block(classes, inner, above=(*above, inner)) if known else {"attributes": {}, "blocks": {}}
            )
            block["nesting"] = "single" if own == "timeouts" else "list"
            if not many and own != "timeouts":
                block["max"] = 1
            if not optional:
                block["min"] = 1
            blocks[own] = block
            continue
        mode = ("either" if own in EITHER else "optional") if optional else "required"
        attributes[own] = {"type": _type(classes, each["type"], as_set=as_set), "mode": mode}
        if own.endswith("_wo"):
            attributes[own]["write_only"] = True
    if reference := classes.get(f"{name}OutputReference"):
        given = {each["name"] for each in classes[name].get("properties", ())}
        for own, kind in _computed(classes, reference, given):
            if own not in blocks:
                attributes.setdefault(own, {"type": kind, "mode": "computed"})
    return {"attributes": attributes, "blocks": blocks}


def _computed(classes: dict[str, Any], class_: dict[str, Any], given: set[str]) -> list[tuple[str, Any]]:
    """What a class has to read besides what is given to it."""
    found = []
    for each in class_.get("properties", ()):
        name = each["name"]
        if each.get("static") or name in given or name in ("internalValue", "fqn"):
            continue
        if name.endswith("Input") and each.get("optional"):
            continue
        found.append((_snake(name), _type(classes, each["type"], computed=True)))
    return found


def _type(
    classes: dict[str, Any], kind: dict[str, Any], *, computed: bool = False, as_set: bool = False
) -> Any:
    if "primitive" in kind:
        return {"string": STRING, "number": NUMBER, "boolean": BOOL, "any": "dynamic"}[kind["primitive"]]
    if "collection" in kind:
        inner = kind["collection"]["elementtype"]
        many = "list" if kind["collection"]["kind"] == "array" else "map"
        if inner.get("fqn", "").startswith(PREFIX):
            return _nested(classes, inner["fqn"], many, computed=computed, as_set=as_set)
        return [many, _type(classes, inner, computed=computed)]
    if "union" in kind:
        options = [each for each in kind["union"]["types"] if each.get("fqn") != "cdktn.IResolvable"]
        return _type(classes, options[0], computed=computed, as_set=as_set)
    name = kind["fqn"]
    plain = {
        "cdktn.IResolvable": BOOL,
        "cdktn.StringMap": ["map", STRING],
        "cdktn.NumberMap": ["map", NUMBER],
        "cdktn.BooleanMap": ["map", BOOL],
    }
    if name in plain:
        return plain[name]
    return _nested(classes, name, "single", computed=computed, as_set=as_set)


def _nested(classes: dict[str, Any], name: str, nesting: str, *, computed: bool, as_set: bool) -> Any:
    if computed:
        reference = re.sub(r"(List|Map|OutputReference)$", "", name) + "OutputReference"
        if reference not in classes:
            return "dynamic"
        return ["list", ["object", dict(_computed(classes, classes[reference], set()))]]
    attributes = _block(classes, name)["attributes"]
    if nesting == "list":
        # May be written as blocks as well.
        return ["set" if as_set else "list", _object(attributes)]
    return {"nesting": nesting, "attributes": attributes}


def _object(attributes: dict[str, Any]) -> Any:
    """The type of objects with some attributes."""
    types = {}
    for name, each in attributes.items():
        kind = each["type"]
        if isinstance(kind, dict):
            inner = _object(kind["attributes"])
            kind = inner if kind["nesting"] == "single" else [kind["nesting"], inner]
        types[name] = kind
    return ["object", types]


def _inner(kind: dict[str, Any]) -> tuple[bool, str]:
    """Whether a block may be there several times, and the class of what is in it."""
    if "union" in kind:
        options = [each for each in kind["union"]["types"] if each.get("fqn") != "cdktn.IResolvable"]
        kind = options[0]
    if "collection" in kind:
        return True, kind["collection"]["elementtype"]["fqn"]
    return False, kind.get("fqn", "")


def _snake(name: str) -> str:
    return CAPITAL.sub("_", name).lower()
