"""Terraform without a registry: stand-in providers, and modules with the real ones' inputs and outputs and nothing else.

`terraform` itself is real. See `standin` for what providers know, and data/modules.json.gz for the modules.
"""

from __future__ import annotations

import atexit
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.infrastructure import hcl
from tests.infrastructure.tools import DATA, HERE, interpreter, output, tool
from tests.infrastructure.types import unknown_keys
from tests.projects import CACHE, _locked, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLASSES = "cdktn-provider-aws==23.9.0"
"""What the schema of AWS is made from. It is of provider 6.42.0, the oldest that the modules get along with."""

STANDIN = HERE / "standin"


class Finding(NamedTuple):
    """What is wrong with a configuration."""

    file: str
    """Relative to the folder that was looked at; empty: of no file."""
    line: int
    summary: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.summary} {self.detail}".strip()


class Tested(NamedTuple):
    """How `terraform test` went."""

    passed: bool
    text: str
    """All that it printed."""


def validate(folder: Path) -> list[Finding]:
    """What `terraform init` and `validate` have against the module in `folder`, which is left as it is.

    Modules of the registry are those of data/modules.json.gz, in exactly their version; local ones are where they
    are. Providers are the stand-ins.
    """
    if any("ephemeral" in block.body.attributes for block in inputs_and_outputs(folder)[1].values()):
        return _validate_called(folder)
    with _root(folder) as (root, env):
        if failed := _init(root, env):
            return [failed]
        ran = output(tool("terraform"), "validate", "-json", cwd=root, env=env)
        return [_finding(each, root) for each in json.loads(ran.stdout)["diagnostics"]]


def _validate_called(folder: Path) -> list[Finding]:
    """What is wrong with a module that others must call: a root has no ephemeral outputs."""
    inputs, _ = inputs_and_outputs(folder)
    lines = []
    for name, block in inputs.items():
        given = [block.body.attributes[key] for key in ("type", "ephemeral") if key in block.body.attributes]
        lines += [f'variable "{name}" {{', *(f"  {each.name} = {each.source}" for each in given), "}"]
    lines += [
        'module "this" {',
        f'  source = "{folder.resolve()}"',
        *(f"  {each} = var.{each}" for each in inputs),
        "}",
    ]
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary, "main.tf").write_text("\n".join(lines) + "\n")
        found = validate(Path(temporary))
    prefix = f"{folder.resolve()}/"
    return [each._replace(file=each.file.removeprefix(prefix)) for each in found]


def plan_test(folder: Path, test: str) -> Tested:
    """How `terraform test` goes with the module in `folder` and the text `test` of a .tftest.hcl.

    Without `mock_provider`, stand-ins plan: what is set is as it is set, what is computed is unknown until
    `command = apply`. Data sources are answered: policy documents of IAM are the real ones, the account is
    123456789012, the region eu-central-1. A module of the registry has one more output, `standin_inputs`: what it
    was given, as its types leave it, `module.database.standin_inputs.multi_az`.
    """
    with _root(folder) as (root, env):
        if failed := _init(root, env):
            return Tested(False, str(failed))
        (root / "standin.tftest.hcl").write_text(test)
        # Modules and providers that the test itself names.
        if failed := _init(root, env):
            return Tested(False, str(failed))
        ran = output(tool("terraform"), "test", "-no-color", "-filter=standin.tftest.hcl", cwd=root, env=env)
        return Tested(ran.returncode == 0, ran.stdout + ran.stderr)


def plan(folder: Path, variables: str) -> dict[str, Any]:
    """What `terraform plan` makes of the module in `folder` with `variables`, the text of a .tfvars: as JSON.

    https://developer.hashicorp.com/terraform/internals/json-format. What is unknown is left out of `after`. As in
    `plan_test`, stand-ins plan. Raises AssertionError if there is no plan.
    """
    with _root(folder) as (root, env):
        if failed := _init(root, env):
            raise AssertionError(str(failed))
        (root / "standin.auto.tfvars").write_text(variables)
        command = ("plan", "-no-color", "-input=false", "-refresh=false", "-out=standin.plan")
        ran = output(tool("terraform"), *command, cwd=root, env=env)
        assert not ran.returncode, ran.stdout + ran.stderr
        shown = output(tool("terraform"), "show", "-json", "standin.plan", cwd=root, env=env)
        found: dict[str, Any] = json.loads(shown.stdout)
        return found


def object_keys(folder: Path) -> list[Finding]:
    """Keys of objects given to modules in `folder` that the type of the input does not have; Terraform drops them.

    Modules of the registry and local ones alike. What is not literal, or a local of literals, is passed over.
    """
    bodies = {path.name: hcl.parse(path.read_text()) for path in sorted(folder.glob("*.tf"))}
    local = {
        name: each.value
        for body in bodies.values()
        for block in body.all("locals")
        for name, each in block.body.attributes.items()
    }
    found = []
    for file, body in bodies.items():
        for block in body.all("module"):
            source = hcl.text(block.body.attributes["source"].value)
            types = _types(source, folder)
            for name, each in block.body.attributes.items():
                if name not in types:
                    continue
                path = f"module.{block.labels[0]}.{name}"
                for unknown in unknown_keys(each.value, types[name], local, path):
                    said = f"{unknown.path} is dropped: there are {', '.join(unknown.known)}"
                    found.append(Finding(file, unknown.line, "Unknown key", said))
    return found


def inputs_and_outputs(folder: Path) -> tuple[dict[str, hcl.Block], dict[str, hcl.Block]]:
    """The `variable` and `output` blocks of the module in `folder`, by name."""
    blocks = [block for path in sorted(folder.glob("*.tf")) for block in hcl.parse(path.read_text()).blocks]
    inputs = {block.labels[0]: block for block in blocks if block.type == "variable"}
    return inputs, {block.labels[0]: block for block in blocks if block.type == "output"}


def _types(source: str, folder: Path) -> dict[str, hcl.Expression]:
    """The type of each input that has one, of the module `source` as `folder` names it."""
    if source in modules():
        return _registry_types(source)
    if not source.startswith(".") and not Path(source).is_absolute():
        return {}
    variables, _ = inputs_and_outputs(folder / source)
    typed = {name: block.body.attributes.get("type") for name, block in variables.items()}
    return {name: each.value for name, each in typed.items() if each}


@cache
def _registry_types(source: str) -> dict[str, hcl.Expression]:
    inputs = modules()[source]["inputs"]
    return {name: hcl.expression(each["type"]) for name, each in inputs.items() if each["type"]}


def fmt_check(folder: Path) -> list[str]:
    """The files (.tf, .tfvars, .tftest.hcl, .hcl) below `folder` that `terraform fmt` would change, relative to it."""
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".tf", ".hcl", ".tfvars") and ".terraform" not in path.parts
    ]
    wrong: set[int] = set()
    with tempfile.TemporaryDirectory() as temporary:
        # By their own names, files of Terragrunt are refused.
        for number, path in enumerate(paths):
            shutil.copy(path, Path(temporary, f"{number}.tf"))
        command = (tool("terraform"), "fmt", "-check", "-list=true", "-no-color")
        # Of files that cannot be read only the first is complained about, and no other is listed.
        while (ran := output(*command, cwd=Path(temporary))).returncode == 2:
            [*broken] = map(int, re.findall(r" (\d+)\.tf line ", ran.stderr))
            assert broken, ran.stderr
            wrong.update(broken)
            for number in set(broken):
                Path(temporary, f"{number}.tf").unlink()
        wrong.update(map(int, re.findall(r"(\d+)\.tf$", ran.stdout, re.MULTILINE)))
    return [paths[number].relative_to(folder).as_posix() for number in sorted(wrong)]


@cache
def modules() -> dict[str, Any]:
    """The registry's modules by source: version, providers, inputs (type, required, default) and outputs."""
    found: dict[str, Any] = json.loads(gzip.decompress((DATA / "modules.json.gz").read_bytes()))
    return found


@contextmanager
def _root(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A copy of the module in `folder` with its modules in place, and the variables to run Terraform with."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "root")
        root.mkdir()
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name != ".terraform.lock.hcl":
                shutil.copy(path, root)
            elif path.is_dir() and path.name not in (".terraform", "tests"):
                (root / path.name).symlink_to(path.resolve())
        _place_modules(root, folder)
        yield root, _variables() | {"TF_REATTACH_PROVIDERS": _providers()}


def _variables() -> dict[str, str]:
    configuration = _mirror() / "terraform.rc"
    kept = {name: "" for name in os.environ if name.startswith("TF_")}
    return kept | {
        "TF_CLI_CONFIG_FILE": str(configuration),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }


def _providers() -> str:
    """Where the stand-ins run for this process: to start them each time takes most of the time there is."""
    if not _running or _running[-1][0].poll() is not None:
        packages = {
            f"registry.terraform.io/hashicorp/{path.name}": next(path.glob("*/*"))
            for path in (_mirror() / "providers" / "registry.terraform.io" / "hashicorp").iterdir()
        }
        program = next(next(iter(packages.values())).glob("terraform-provider-*"))
        command = [program, "--serve", *(f"{name}={path}" for name, path in packages.items())]
        # It ends when its standard input is closed: with this process, however that ends.
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(process.communicate, timeout=10)
        assert process.stdout is not None
        _running.append((process, process.stdout.readline().strip()))
    return _running[-1][1]


_running: list[tuple[subprocess.Popen[str], str]] = []
"""What serves the providers, and what Terraform is told to find them."""


def _init(root: Path, env: Mapping[str, str]) -> Finding | None:
    command = ("init", "-no-color", "-input=false", "-get=false", "-backend=false")
    # Providers that run already are not looked for, in whatever version.
    ran = output(tool("terraform"), *command, cwd=root, env={**env, "TF_REATTACH_PROVIDERS": ""})
    return Finding("", 0, "terraform init", f"{ran.stdout}\n{ran.stderr}".strip()) if ran.returncode else None


def _finding(diagnostic: Mapping[str, Any], root: Path) -> Finding:
    place = diagnostic.get("range") or {"filename": "", "start": {"line": 0}}
    name = place["filename"]
    if name and Path(name).is_absolute() and Path(name).is_relative_to(root):
        name = Path(name).relative_to(root).as_posix()
    code = (diagnostic.get("snippet") or {"code": ""})["code"].strip()
    detail = f"{diagnostic.get('detail', '')} {f'({code})' if code else ''}".strip()
    return Finding(name, place["start"]["line"], diagnostic["summary"], detail)


def _place_modules(root: Path, folder: Path) -> None:
    """Write `.terraform/modules/modules.json`, as `terraform get` does."""
    placed = [{"Key": "", "Source": "", "Dir": "."}]
    _find_modules(folder, "", placed)
    # Tests may use modules of the registry as well as of the folder.
    target = root / ".terraform" / "modules"
    target.mkdir(parents=True)
    (target / "modules.json").write_text(json.dumps({"Modules": placed}))


def _find_modules(folder: Path, above: str, placed: list[dict[str, str]]) -> None:
    for path in sorted(folder.glob("*.tf")):
        for block in hcl.parse(path.read_text()).blocks:
            if block.type != "module":
                continue
            key = f"{above}{block.labels[0]}"
            source = hcl.text(block.body.attributes["source"].value)
            version = block.body.attributes.get("version")
            if source.startswith("."):
                inner = (folder / source).resolve()
                placed.append({"Key": key, "Source": source, "Dir": str(inner)})
                _find_modules(inner, f"{key}.", placed)
            elif Path(source).is_absolute():
                placed.append({"Key": key, "Source": source, "Dir": source})
                _find_modules(Path(source), f"{key}.", placed)
            elif source in modules():
                # Without `version`, or in another, `init` says so.
                placed.append(
                    {
                        "Key": key,
                        "Source": f"registry.terraform.io/{source}",
                        "Version": modules()[source]["version"] if version else "",
                        "Dir": str(_stub(source)),
                    }
                )


def _stub(source: str) -> Path:
    return _mirror() / "modules" / source.replace("//", "/")


@cache
def _mirror() -> Path:
    """The folder with the stand-in providers, the modules, and a configuration of Terraform that names them."""
    version = json.loads(output(tool("terraform"), "version", "-json").stdout)
    parts = [path.read_bytes() for path in sorted(STANDIN.glob("*.py"))]
    parts += [Path(__file__).read_bytes(), (DATA / "modules.json.gz").read_bytes()]
    # The programs start with the interpreter's path.
    parts += [str(interpreter()).encode(), version["platform"].encode(), CLASSES.encode()]
    digest = hashlib.sha256(b"\n".join(parts)).hexdigest()[:12]
    folder = CACHE / "terraform" / digest
    with _locked(folder) as done:
        if not done:
            folder.mkdir(parents=True)
            command = [
                interpreter(),
                STANDIN / "mirror.py",
                folder / "providers",
                version["platform"],
                _classes(),
            ]
            subprocess.run(command, check=True)
            for source, module in modules().items():
                stub = folder / "modules" / source.replace("//", "/")
                stub.mkdir(parents=True, exist_ok=True)
                (stub / "main.tf").write_text(_module(module))
            (folder / "terraform.rc").write_text(
                "disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n"
                f'    path    = "{folder / "providers"}"\n    include = ["*/*/*"]\n  }}\n}}\n'
            )
    return folder


def _classes() -> Path:
    """The wheel, which is only needed until the schema is made."""
    folder = CACHE / "terraform" / CLASSES.replace("==", "-")
    with _locked(folder) as done:
        if not done:
            folder.mkdir(parents=True)
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
            ]
            ran = subprocess.run(
                [*command, "--dest", folder, CLASSES], check=False, capture_output=True, text=True
            )
            if ran.returncode:
                missing(f"{CLASSES}: {ran.stderr[-300:]}")
    return next(folder.glob("*.whl"))


def _module(module: Mapping[str, Any]) -> str:
    """A module with the inputs and outputs of a real one. What comes out can be anything, until it is known."""
    sources = {name: f"hashicorp/{name}" for name in module["providers"]} | {"standin": "hashicorp/standin"}
    lines = ["terraform {"]
    if module["terraform"]:
        lines.append(f'  required_version = "{module["terraform"]}"')
    lines.append("  required_providers {")
    for name, source in sources.items():
        constraint = module["providers"].get(name)
        lines.append(
            f'    {name} = {{ source = "{source}"'
            + (f', version = "{constraint}" }}' if constraint else " }")
        )
    names = json.dumps(module["outputs"])
    lines += ["  }", "}", 'resource "standin_value" "this" {', f"  names = {names}", "}"]
    for name, each in module["inputs"].items():
        lines += [f'variable "{name}" {{', f"  type = {each['type'] or 'any'}"]
        if not each["required"]:
            lines.append(f"  default = {each['default'] or 'null'}")
        if each.get("nullable") is False and each["default"] not in (None, "null"):
            lines.append("  nullable = false")
        if _ephemeral(name):
            lines.append("  ephemeral = true")
        lines.append("}")
    for name in module["outputs"]:
        lines += [f'output "{name}" {{', f"  value = standin_value.this.value.{name}", "}"]
    given = [name for name in module["inputs"] if not _ephemeral(name)]
    lines += ['output "standin_inputs" {', "  value = {"]
    lines += [f"    {name} = var.{name}" for name in given]
    lines += ["  }", "}", ""]
    return "\n".join(lines)


def _ephemeral(name: str) -> bool:
    return name.endswith("_wo")
