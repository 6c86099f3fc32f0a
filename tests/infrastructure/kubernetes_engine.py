"""Objects against the schemas of Kubernetes, in a process of its own: JSON lines in, JSON lines out.

Runs on the Python that has `kubernetes-validate`. A request is `{"objects", "version", "schemas"}`, the schemas being
those of other kinds, by `apiVersion/kind`; the answer has one list of problems for each object.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from typing import Any


def problems(thing: dict[str, Any], version: str, schemas: dict[str, Any]) -> list[str]:
    """What is wrong with one object."""
    import jsonschema
    import kubernetes_validate

    own = schemas.get(f"{thing.get('apiVersion')}/{thing.get('kind')}")
    if own is not None:
        validator = jsonschema.Draft202012Validator(own)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(thing)]
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        where = ".".join(str(part) for part in error.path)
        return [f"{where}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [error.message]
    return []


def main() -> None:
    """Answer requests until the input ends."""
    from kubernetes_validate import utils

    # It reads all definitions again for each object.
    utils.schema_contents = cache(utils.schema_contents)
    for line in sys.stdin:
        request = json.loads(line)
        found = [problems(one, request["version"], request["schemas"]) for one in request["objects"]]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
