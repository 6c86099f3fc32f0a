"""What data sources say, where it matters for what is planned with it."""

import json
import re

STATEMENT = (("sid", "Sid"), ("effect", "Effect"), ("actions", "Action"), ("not_actions", "NotAction"))
RESOURCES = (("resources", "Resource"), ("not_resources", "NotResource"))


def answer(type_: str, value: dict) -> dict:
    """What the data source `type_` computes of `value`, as it is configured; the rest is made up."""
    if type_ == "aws_iam_policy_document":
        document = policy(value)
        return {"json": document, "minified_json": document}
    if type_ == "aws_availability_zones":
        return {"names": [f"eu-central-1{letter}" for letter in "abc"], "zone_ids": ["az1", "az2", "az3"]}
    return {
        "aws_caller_identity": {
            "account_id": "123456789012",
            "arn": "arn:aws:iam::123456789012:user/made-up",
            "user_id": "MADEUP",
        },
        "aws_region": {
            "name": "eu-central-1",
            "region": "eu-central-1",
            "endpoint": "ec2.eu-central-1.amazonaws.com",
        },
        "aws_partition": {
            "partition": "aws",
            "dns_suffix": "amazonaws.com",
            "reverse_dns_prefix": "com.amazonaws",
        },
    }.get(type_, {})


def policy(value: dict) -> str:
    """The document of a policy as the AWS provider writes it."""
    statements = []
    for text in value.get("source_policy_documents") or ():
        statements += json.loads(text)["Statement"]
    for each in value.get("statement") or ():
        statement = {"Effect": "Allow"}
        for own, name in (*STATEMENT, *RESOURCES):
            if given := each.get(own):
                statement[name] = one(given)
        for own, name in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            kinds: dict = {}
            for principal in each.get(own) or ():
                kinds.setdefault(principal["type"], []).extend(principal["identifiers"])
            if kinds:
                everybody = kinds == {"*": ["*"]}
                statement[name] = "*" if everybody else {kind: one(found) for kind, found in kinds.items()}
        conditions: dict = {}
        for condition in each.get("condition") or ():
            conditions.setdefault(condition["test"], {})[condition["variable"]] = one(condition["values"])
        if conditions:
            statement["Condition"] = conditions
        statements.append(statement)
    return json.dumps({"Version": value.get("version") or "2012-10-17", "Statement": statements}, indent=2)


def one(given):
    """A list of one thing is that thing."""
    if isinstance(given, list):
        return given[0] if len(given) == 1 else sorted(given)
    return given


MANY = re.compile(r"(ids|arns|subnets|blocks|names|zones|azs|objects|list)$")
KEYED = re.compile(
    r"(services|clusters|target_groups|listeners|listener_rules|node_groups|profiles|policies|addons|roles|entries|"
    r"attachments|providers|definitions|secrets|endpoints|versions|tags|instances|volumes|users)$"
)


def outputs(names: list[str]) -> tuple[dict, dict]:
    """Types and values of outputs of a module, by what their names sound like."""
    types: dict = {}
    values: dict = {}
    for name in names:
        if MANY.search(name):
            types[name], values[name] = ["list", "string"], [f"{name}-{number}" for number in range(3)]
        elif KEYED.search(name):
            types[name], values[name] = ["map", "string"], {}
        elif name.endswith("port"):
            types[name], values[name] = "number", 5432
        elif name.endswith("arn"):
            types[name], values[name] = "string", f"arn:aws:made-up:eu-central-1:123456789012:{name}"
        else:
            types[name], values[name] = "string", name.replace("_", "-")
    return types, values
