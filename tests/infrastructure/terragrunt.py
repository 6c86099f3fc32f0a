"""Terragrunt without its program: an environment as one root of Terraform, and what is outdated in files.

https://docs.terragrunt.com/reference/hcl/blocks
"""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.infrastructure import hcl
from tests.infrastructure.terraform import Finding, inputs_and_outputs, object_keys, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BLOCKS = {
    "catalog",
    "dependencies",
    "dependency",
    "engine",
    "errors",
    "exclude",
    "feature",
    "generate",
    "include",
    "locals",
    "remote_state",
    "terraform",
}
ATTRIBUTES = {
    "inputs",
    "download_dir",
    "iam_role",
    "prevent_destroy",
    "terraform_binary",
    "terraform_version_constraint",
    "terragrunt_version_constraint",
}
"""What a file may have at its top; `skip` and `retryable_errors` are gone since 1.0.
https://docs.terragrunt.com/migrate/cli-redesign
"""

OUTDATED = {
    r"\brun-all\b": "`run-all` is `run --all` now",
    r"--terragrunt-[a-z-]+": "options have lost the prefix `--terragrunt-`",
    r"\bTERRAGRUNT_[A-Z_]+\b": "variables begin with `TG_` now",
    r"\b(dynamodb_table|lock_table)\b": "`use_lockfile` takes the place of a table in DynamoDB",
    r"\bTF_PLUGIN_CACHE_DIR\b": "a cache of plugins is not safe with `--all`",
    r"\bhclfmt\b": "`hclfmt` is `hcl fmt` now",
    r"\bfind_in_parent_folders\(\)": 'the root is named: `find_in_parent_folders("root.hcl")`',
}

VARIABLES = {
    "AWS_ACCOUNT_ID": "123456789012",
    "GITHUB_REPOSITORY": "octo-org/octo-repo",
    "GITHUB_REPOSITORY_ID": "456789",
    "GITHUB_REPOSITORY_OWNER_ID": "123456",
}
"""What `get_env` finds; whatever else it asks for is made up."""

FUNCTIONS = (
    "find_in_parent_folders",
    "get_aws_account_id",
    "get_env",
    "get_original_terragrunt_dir",
    "get_parent_terragrunt_dir",
    "get_repo_root",
    "get_terragrunt_dir",
    "path_relative_from_include",
    "path_relative_to_include",
    "read_terragrunt_config",
)
CALLED = re.compile(r"(?<![\w.-])(" + "|".join(FUNCTIONS) + r")\(")
LOCAL = re.compile(r"(?<![\w.-])local\.([A-Za-z_][\w-]*)")
DEPENDENCY = re.compile(r"(?<![\w.-])dependency\.([A-Za-z_][\w-]*)\.outputs\b")
INCLUDED = re.compile(r"(?<![\w.-])include\.([A-Za-z_][\w-]*)\.locals\.([A-Za-z_][\w-]*)")

MARK = "\0"
"""Stands for `local.` of the composed root until locals of the file are translated."""


class Wrong(ValueError):
    """What keeps a unit from being composed."""

    def __init__(self, path: Path, line: int, said: str) -> None:
        super().__init__(said)
        self.path, self.line, self.said = path, line, said


def environments(root: Path) -> list[str]:
    """The environments below `root` (the folder with root.hcl), sorted."""
    return sorted(path.parent.name for path in (root / "environments").glob("*/env.hcl"))


def validate_environment(
    root: Path, environment: str, target: Path, filled: Mapping[str, Mapping[str, str]] | None = None
) -> list[Finding]:
    """All that is wrong with an environment, composed in `target` (empty): see `compose`, `validate`, `object_keys`."""
    found = compose(root, environment, target, filled)
    if any(finding.summary == "Not composed" for finding in found):
        return found
    return [*found, *validate(target), *object_keys(target)]


def compose(
    root: Path, environment: str, target: Path, filled: Mapping[str, Mapping[str, str]] | None = None
) -> list[Finding]:
    """Write a root of Terraform into `target`: a module for each unit of an environment and what those depend on.

    Outputs of dependencies are outputs of the modules, so that misspelt ones are found by `validate`. Returned is what
    is wrong before that: mocks that are not the real outputs, blocks that Terragrunt does not have, files that are not
    there. `root` is the folder with root.hcl. `filled` has inputs that are for the operator to fill in, as expressions:
    {"ecs": {"domain": '"shop.example.com"'}}; KeyError: a unit does not have one.
    """
    composer = _Composer(root.resolve(), filled or {})
    try:
        for path in sorted((root / "environments" / environment).glob("*/terragrunt.hcl")):
            composer.unit(path.parent.resolve())
    except Wrong as wrong:
        return [*composer.found, composer.finding(wrong.path, wrong.line, "Not composed", wrong.said)]
    except hcl.Invalid as invalid:
        return [*composer.found, Finding("", 0, "Not composed", str(invalid))]
    composer.write(target)
    return composer.found


def outdated(*paths: Path) -> list[Finding]:
    """What files say that Terragrunt 1 and Terraform 1.11 have done away with; comments count, too."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for pattern, said in OUTDATED.items():
                if match := re.search(pattern, line):
                    found.append(Finding(path.name, number, "Outdated", f"{match[0]}: {said}"))
    return found


class _File(NamedTuple):
    """A file as a unit sees it."""

    unit: Path
    path: Path
    body: hcl.Body
    prefix: str
    """Of the names of its locals in the composed root."""
    above: _File | None = None
    """The file that includes it."""


class _Composer:
    def __init__(self, root: Path, filled: Mapping[str, Mapping[str, str]]) -> None:
        self.root = root
        self.filled = filled
        self.found: list[Finding] = []
        self.units: dict[Path, str] = {}
        self.locals: dict[str, str] = {}
        self.modules: list[str] = []
        self.generated: dict[str, str] = {}
        self.open: list[Path] = []

    def finding(self, path: Path, line: int, summary: str, said: str) -> Finding:
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
        return Finding(name, line, summary, said)

    def unit(self, folder: Path) -> str:
        """Compose a unit and those it depends on; the name of its module."""
        if folder in self.open:
            raise Wrong(folder, 0, "depends on itself")
        if folder in self.units:
            return self.units[folder]
        name = folder.name if (folder.parent / "env.hcl").exists() else f"{folder.parent.name}_{folder.name}"
        self.units[folder] = name
        self.open.append(folder)
        own = self.file(folder, folder / "terragrunt.hcl", f"{name}__own")
        files = [own, *self.included(own)]
        # Locals of included files are seen as `include.<name>.locals`.
        includes = {
            block.labels[0]: file for block, file in zip(own.body.all("include"), files[1:], strict=True)
        }
        dependencies = {
            block.labels[0]: (file, block) for file in files[::-1] for block in file.body.all("dependency")
        }
        modules = {key: self.dependency(file, block) for key, (file, block) in dependencies.items()}
        inputs: dict[str, str] = {}
        source = None
        # What is included first counts least, and the unit's own file most.
        for file in [*files[1:], own]:
            self.set_locals(file, modules, includes)
            if given := file.body.attributes.get("inputs"):
                if not isinstance(given.value, hcl.Object):
                    raise Wrong(file.path, given.line, "`inputs` is not written out")
                for item in given.value.items:
                    if item.key is None:
                        raise Wrong(file.path, item.line, "the name of an input is computed")
                    inputs[item.key] = self.translated(item.source, file, modules, includes)
            for block in file.body.all("terraform"):
                if attribute := block.body.attributes.get("source"):
                    source = self.source(file, attribute)
            for block in file.body.all("generate"):
                self.generate(file, block, modules, includes)
        if source is None:
            raise Wrong(own.path, 0, "no `source`")
        for key, value in self.filled.get(name, {}).items():
            if key not in inputs:
                raise KeyError(f"{name}: {key}")
            inputs[key] = value
        lines = [f'module "{name}" {{', f"  source = {json.dumps(str(source))}"]
        lines += [f"  {key} = {value}" for key, value in inputs.items()]
        self.modules.append("\n".join([*lines, "}"]))
        self.open.pop()
        return name

    def file(self, unit: Path, path: Path, prefix: str, above: _File | None = None) -> _File:
        if not path.exists():
            raise Wrong(above.path if above else path, 0, f"{path} is not there")
        body = hcl.parse(path.read_text())
        for block in body.blocks:
            if block.type not in BLOCKS:
                self.found.append(self.finding(path, block.line, "Unknown block", block.type))
        for attribute in body.attributes.values():
            if attribute.name not in ATTRIBUTES:
                self.found.append(self.finding(path, attribute.line, "Unknown attribute", attribute.name))
        return _File(unit, path, body, prefix, above)

    def included(self, own: _File) -> Iterator[_File]:
        for block in own.body.all("include"):
            path = self.worked_out(block.body.attributes["path"].value, own)
            yield self.file(own.unit, own.unit / path, f"{self.units[own.unit]}__{block.labels[0]}", own)

    def source(self, file: _File, attribute: hcl.Attribute) -> Path:
        # What is behind `//` is within what is copied.
        path = Path(self.worked_out(attribute.value, file).replace("//", "/"))
        path = (file.unit / path).resolve()
        if not path.is_dir():
            raise Wrong(file.path, attribute.line, f"{path} is not there")
        return path

    def dependency(self, file: _File, block: hcl.Block) -> str:
        attribute = block.body.attributes["config_path"]
        folder = (file.unit / self.worked_out(attribute.value, file)).resolve()
        if not (folder / "terragrunt.hcl").exists():
            raise Wrong(file.path, attribute.line, f"{folder} is no unit")
        name = self.unit(folder)
        real = {
            output
            for output, each in inputs_and_outputs(self.module(folder))[1].items()
            # Those are not in the state, which dependencies are read from.
            if "ephemeral" not in each.body.attributes
        }
        if mocks := block.body.attributes.get("mock_outputs"):
            if not isinstance(mocks.value, hcl.Object):
                raise Wrong(file.path, mocks.line, "`mock_outputs` is not written out")
            mocked = {item.key for item in mocks.value.items}
            if mocked != real:
                parts = [
                    f"{'/'.join(sorted(map(str, names)))} {what}" for names, what in _difference(mocked, real)
                ]
                said = f"mocks of {block.labels[0]}: {', '.join(parts)}"
                self.found.append(self.finding(file.path, mocks.line, "Mocks differ", said))
        return name

    def module(self, unit: Path) -> Path:
        """The module of a unit."""
        own = self.file(unit, unit / "terragrunt.hcl", "")
        for file in [own, *list(self.included(own))[::-1]]:
            for block in file.body.all("terraform"):
                if attribute := block.body.attributes.get("source"):
                    return self.source(file, attribute)
        raise Wrong(own.path, 0, "no `source`")

    def set_locals(self, file: _File, modules: Mapping[str, str], includes: Mapping[str, _File]) -> None:
        for block in file.body.all("locals"):
            for name, each in block.body.attributes.items():
                self.locals[f"{file.prefix}__{name}"] = self.translated(each.source, file, modules, includes)

    def generate(
        self, file: _File, block: hcl.Block, modules: Mapping[str, str], includes: Mapping[str, _File]
    ) -> None:
        """What is generated for a unit, once: the files of all units are in one place here."""
        name = self.worked_out(block.body.attributes["path"].value, file)
        if name in self.generated:
            return
        contents = block.body.attributes["contents"].source
        if not contents.startswith("<<"):
            raise Wrong(file.path, block.line, "`contents` is no heredoc")
        lines = self.translated(contents, file, modules, includes).splitlines()[1:-1]
        self.generated[name] = textwrap.dedent("\n".join(lines)).replace("$${", "${") + "\n"

    def translated(
        self, source: str, file: _File, modules: Mapping[str, str], includes: Mapping[str, _File]
    ) -> str:
        """An expression of Terragrunt as one of Terraform."""
        parts = []
        position = 0
        while match := CALLED.search(source, position):
            end = _call_end(source, match.end())
            parts.append(source[position : match.start()])
            call = hcl.expression(source[match.start() : end])
            if match[1] == "read_terragrunt_config":
                parts.append(self.config(call, file))
            else:
                parts.append(json.dumps(self.worked_out(call, file)))
            position = end
        plain = "".join([*parts, source[position:]])

        def module(match: re.Match[str]) -> str:
            if match[1] not in modules:
                raise Wrong(file.path, 0, f"{match[0]}: there is no such dependency")
            return f"module.{modules[match[1]]}"

        def include(match: re.Match[str]) -> str:
            if match[1] not in includes:
                raise Wrong(file.path, 0, f"{match[0]}: nothing is included by that name")
            return f"local.{includes[match[1]].prefix}__{match[2]}"

        plain = LOCAL.sub(lambda match: f"local.{file.prefix}__{match[1]}", plain)
        return INCLUDED.sub(include, DEPENDENCY.sub(module, plain)).replace(MARK, "local.")

    def config(self, call: hcl.Expression, file: _File) -> str:
        """A file that is read, as an object."""
        assert isinstance(call, hcl.Call)
        path = Path(self.worked_out(call.arguments[0], file))
        prefix = f"{self.units[file.unit]}__{path.stem}_read"
        read = self.file(file.unit, path, prefix, file)
        self.set_locals(read, {}, {})
        names = [name for block in read.body.all("locals") for name in block.body.attributes]
        values = ", ".join(f"{name} = local.{prefix}__{name}" for name in names)
        self.locals[prefix] = f"{{ locals = {{ {values} }} }}"
        return f"{MARK}{prefix}"

    def worked_out(self, value: hcl.Expression, file: _File) -> str:
        """The text that an expression is, of paths, variables and locals."""
        match value:
            case hcl.Literal(text=text) if text.startswith('"'):
                return _TEMPLATE.sub(lambda part: self.worked_out(hcl.expression(part[1]), file), text[1:-1])
            case hcl.Reference(text=text) if text.startswith("local."):
                for block in file.body.all("locals"):
                    if attribute := block.body.attributes.get(text[6:]):
                        return self.worked_out(attribute.value, file)
            case hcl.Call(name=name, arguments=arguments):
                given = [self.worked_out(each, file) for each in arguments]
                if (found := self.called(name, given, file)) is not None:
                    return found
        raise Wrong(file.path, value.line, f"cannot be worked out: {value}")

    def called(self, name: str, given: list[str], file: _File) -> str | None:
        includer = file.above or file
        match name, given:
            case "find_in_parent_folders", [wanted, *rest]:
                for folder in file.unit.parents:
                    if (folder / wanted).exists():
                        return str(folder / wanted)
                    if folder == self.root:
                        break
                return rest[0] if rest else None
            case "get_terragrunt_dir" | "get_original_terragrunt_dir", []:
                return str(file.unit)
            case "get_parent_terragrunt_dir", []:
                return str(file.path.parent)
            case "get_repo_root", []:
                return str(self.root.parent)
            case "path_relative_to_include", [*_]:
                return includer.unit.relative_to(self.root).as_posix()
            case "get_aws_account_id", []:
                return VARIABLES["AWS_ACCOUNT_ID"]
            case "get_env", [variable, *rest]:
                return VARIABLES.get(variable, rest[0] if rest else f"made-up-{variable.lower()}")
            case "dirname", [path]:
                return str(Path(path).parent)
            case "basename", [path]:
                return Path(path).name
        return None

    def write(self, target: Path) -> None:
        lines = ["locals {", *(f"  {name} = {value}" for name, value in self.locals.items()), "}"]
        (target / "main.tf").write_text("\n\n".join(["\n".join(lines), *self.modules, ""]))
        for name, contents in self.generated.items():
            (target / name).write_text(contents)


_TEMPLATE = re.compile(r"\$\{((?:[^{}\"]|\"[^\"]*\")*)\}")


def _call_end(source: str, position: int) -> int:
    """Behind the parenthesis that closes the one before `position`."""
    depth = 1
    while depth:
        if source[position] == '"':
            position = hcl.string_end(source, position)
            continue
        depth += {"(": 1, ")": -1}.get(source[position], 0)
        position += 1
    return position


def _difference(mocked: set[str | None], real: set[str]) -> Iterator[tuple[set[str | None] | set[str], str]]:
    if mocked - real:
        yield mocked - real, "is no output"
    if real - mocked:
        yield real - mocked, "is missing"
