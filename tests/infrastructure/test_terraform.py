"""The infrastructure that `terraform` writes, by real Terraform: every module, every environment, what it plans."""

from __future__ import annotations

import ipaddress
import json
import re
import shutil
from functools import cache
from itertools import combinations, takewhile
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.infrastructure import hcl
from tests.infrastructure.checkov import checkov
from tests.infrastructure.fakes import Fakes
from tests.infrastructure.terraform import (
    Finding,
    fmt_check,
    inputs_and_outputs,
    object_keys,
    plan_test,
    validate,
)
from tests.infrastructure.terragrunt import environments, outdated, validate_environment
from tests.infrastructure.workflows import block, execute, lint_blocks, lint_workflow
from tests.memory import Memory
from tests.projects import copy_layout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.e2e

LAYOUTS = ("turbo", "turbo_minimal", "cookiecutter")
ENVIRONMENTS = ("dev", "staging", "production")
MODULES = ("ecr", "elasticache", "github-oidc", "rds", "s3", "secrets", "vpc")
"""All but `password`: what is ephemeral cannot leave a root, so it is looked at where it is used."""


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A layout with the infrastructure in it; only what was added is there."""

    @cache
    def made(layout: str) -> Path:
        folder = tmp_path_factory.mktemp("terraform")
        one = Memory.of(copy_layout(layout, folder / "before"))
        before = set(one.files)
        one.add("terraform")
        for path in set(one.files) - before:
            target = folder / "after" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(one.files[path])
        return folder / "after"

    return made


def units(tree: Path, environment: str) -> dict[str, dict[str, str]]:
    """The inputs of each unit of an environment as HCL, with what is known put in."""
    home = tree / "infrastructure" / "environments"
    here = assigned((home / environment / "env.hcl").read_text(), "locals {")
    found = {}
    for path in sorted((home / "_env").glob("*.hcl")):
        text = path.read_text()
        mocks = assigned(text, "  mock_outputs = {")
        known = {f"local.env.{name}": value for name, value in here.items()}
        known |= {f"dependency.vpc.outputs.{name}": value for name, value in mocks.items()}
        given = assigned(text, "inputs = {")
        found[path.stem] = {name: known.get(value, value) for name, value in given.items()}
    return found


def assigned(text: str, beginning: str) -> dict[str, str]:
    """What is assigned in the part of a text that begins with a line."""
    lines = iter(text.splitlines())
    found: dict[str, str] = {}
    if beginning not in lines:
        return found
    end = beginning[: len(beginning) - len(beginning.lstrip())] + "}"
    for line in lines:
        if line == end:
            break
        name, equals, value = line.partition("=")
        if equals and not line.lstrip().startswith("#"):
            if value.endswith(("{", "[")):
                close = line[: len(line) - len(line.lstrip())] + {"{": "}", "[": "]"}[value[-1]]
                value += "".join(f"\n{more}" for more in takewhile(close.__ne__, lines)) + f"\n{close}"
            found[name.strip()] = value.strip()
    return found


def variables(tree: Path, environment: str, unit: str) -> str:
    given = units(tree, environment)[unit]
    return "variables {\n" + "".join(f"{name} = {value}\n" for name, value in given.items()) + "}\n"


def planned(tree: Path, environment: str, unit: str, *conditions: str) -> None:
    """Assert what a unit of an environment plans."""
    asserts = "".join(
        f'  assert {{\n    condition     = {one}\n    error_message = "not so"\n  }}\n' for one in conditions
    )
    test = f'{variables(tree, environment, unit)}\nrun "plan" {{\n  command = plan\n{asserts}}}\n'
    found = plan_test(tree / "infrastructure" / "modules" / unit, test)
    assert found.passed, found.text


# --- what is written


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_is_formatted(tree: Callable[[str], Path], layout: str) -> None:
    assert fmt_check(tree(layout)) == []


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_valid(tree: Callable[[str], Path], module: str) -> None:
    assert validate(tree("turbo") / "infrastructure" / "modules" / module) == []


@pytest.mark.parametrize("module", MODULES)
def test_no_key_of_an_object_is_dropped(tree: Callable[[str], Path], module: str) -> None:
    assert object_keys(tree("turbo") / "infrastructure" / "modules" / module) == []


@pytest.mark.parametrize("environment", [*ENVIRONMENTS, "shared"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_environments_are_valid(
    tree: Callable[[str], Path], tmp_path: Path, layout: str, environment: str
) -> None:
    root = tree(layout) / "infrastructure"
    assert tuple(environments(root)) == tuple(sorted(ENVIRONMENTS))
    assert validate_environment(root, environment, tmp_path) == []


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_modules_are_the_same_for_everybody(tree: Callable[[str], Path], layout: str) -> None:
    theirs, ours = (tree(name) / "infrastructure" / "modules" for name in (layout, "turbo"))
    for path in theirs.rglob("*.tf"):
        assert path.read_text() == (ours / path.relative_to(theirs)).read_text()


def outputs(module: Path) -> set[str]:
    return set(inputs_and_outputs(module)[1])


OUTPUTS = {
    "vpc": "vpc_id vpc_cidr_block public_subnet_ids private_subnet_ids database_subnet_group_name "
    "elasticache_subnet_group_name",
    "rds": "address port database_name username security_group_id secret_arn",
    "elasticache": "primary_endpoint port security_group_id secret_arn",
    "s3": "bucket_name bucket_arn",
    "secrets": "secret_arn secret_name",
    "ecr": "repository_url repository_name repository_arn",
    "github-oidc": "provider_arn plan_role_arn apply_role_arn",
}


@pytest.mark.parametrize("module", MODULES)
def test_other_features_find_these_outputs(tree: Callable[[str], Path], module: str) -> None:
    assert outputs(tree("turbo") / "infrastructure" / "modules" / module) == set(OUTPUTS[module].split())


ACCEPTED = {
    "CKV_TF_1": "modules of the registry are pinned to a version; it has no hashes",
    "CKV_AWS_149": "the key of AWS is enough within one account",
    "CKV_AWS_356": "reading IAM, which ReadOnlyAccess allows as well",
    "CKV_AWS_394": "the first zones by name are taken, so more of them change nothing",
    "CKV2_AWS_5": "groups are given to modules, which checkov does not look into",
    "CKV2_AWS_57": "containers read secrets when they start, so rotation comes with a deployment",
}


def test_checkov_finds_what_is_accepted_and_nothing_else(tree: Callable[[str], Path]) -> None:
    found = checkov(tree("turbo") / "infrastructure", "terraform", ACCEPTED)
    assert found.failed == []
    assert found.passed > 50
    assert found.unused == []


# --- what is planned


def test_production_is_kept(tree: Callable[[str], Path]) -> None:
    planned(
        tree("turbo"),
        "production",
        "rds",
        "module.db.standin_inputs.multi_az",
        "module.db.standin_inputs.deletion_protection",
        "!module.db.standin_inputs.skip_final_snapshot",
        "!module.db.standin_inputs.delete_automated_backups",
        "module.db.standin_inputs.backup_retention_period >= 7",
        "module.db.standin_inputs.monitoring_interval > 0",
        "aws_secretsmanager_secret.this.recovery_window_in_days == 30",
    )
    planned(
        tree("turbo"),
        "production",
        "elasticache",
        "module.cache.standin_inputs.automatic_failover_enabled",
        "module.cache.standin_inputs.multi_az_enabled",
        "module.cache.standin_inputs.num_cache_clusters >= 2",
        'module.cache.standin_inputs.final_snapshot_identifier == "bakery-production-final"',
    )
    planned(tree("turbo"), "production", "s3", "!module.bucket.standin_inputs.force_destroy")


@pytest.mark.parametrize("environment", ["dev", "staging"])
def test_the_others_are_cheap(tree: Callable[[str], Path], environment: str) -> None:
    planned(
        tree("turbo"),
        environment,
        "rds",
        "!module.db.standin_inputs.multi_az",
        "!module.db.standin_inputs.deletion_protection",
        "module.db.standin_inputs.skip_final_snapshot",
        "aws_secretsmanager_secret.this.recovery_window_in_days == 0",
    )
    planned(
        tree("turbo"),
        environment,
        "elasticache",
        "module.cache.standin_inputs.num_cache_clusters == 1",
        "!module.cache.standin_inputs.automatic_failover_enabled",
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_database_is_closed_and_encrypted(tree: Callable[[str], Path], environment: str) -> None:
    planned(
        tree("turbo"),
        environment,
        "rds",
        'module.db.standin_inputs.engine_version == "18"',
        'module.db.standin_inputs.major_engine_version == "18"',
        'module.db.standin_inputs.family == "postgres18"',
        'module.db.standin_inputs.storage_type == "gp3"',
        "module.db.standin_inputs.storage_encrypted",
        "!module.db.standin_inputs.publicly_accessible",
        "!module.db.standin_inputs.manage_master_user_password",
        "module.db.standin_inputs.password_wo_version == "
        "aws_secretsmanager_secret_version.this.secret_string_wo_version",
        'contains(module.db.standin_inputs.parameters[*].name, "rds.force_ssl")',
        "module.db.standin_inputs.db_subnet_group_name != null",
    )


@pytest.mark.parametrize("engine", ["valkey", "redis"])
def test_the_cache_is_closed_encrypted_and_keeps_what_it_has(
    tree: Callable[[str], Path], engine: str
) -> None:
    given = variables(tree("turbo"), "dev", "elasticache").replace('"valkey"', f'"{engine}"')
    cache = "module.cache.standin_inputs"
    test = f"""{given}
run "plan" {{
  command = plan
  assert {{
    condition     = {cache}.engine == "{engine}" && {cache}.parameter_group_family == "{engine}${{split(".", {cache}.engine_version)[0]}}"
    error_message = "engine, version and family go together"
  }}
  assert {{
    condition     = {cache}.transit_encryption_enabled && {cache}.at_rest_encryption_enabled && !{cache}.cluster_mode_enabled
    error_message = "encrypted, and no cluster"
  }}
  assert {{
    condition     = {cache}.parameters[0] == tomap({{ name = "maxmemory-policy", value = "noeviction" }})
    error_message = "noeviction"
  }}
  assert {{
    condition     = !{cache}.create_security_group
    error_message = "its own group"
  }}
}}
"""
    found = plan_test(tree("turbo") / "infrastructure" / "modules" / "elasticache", test)
    assert found.passed, found.text


def test_nothing_lets_anybody_in(tree: Callable[[str], Path]) -> None:
    for path in (tree("turbo") / "infrastructure" / "modules").rglob("*.tf"):
        text = path.read_text()
        assert "0.0.0.0/0" not in text
        for each in hcl.parse(text).blocks:
            if each.type == "resource" and each.labels[0] == "aws_security_group":
                assert not {"ingress", "egress"} & {
                    *each.body.attributes,
                    *(one.type for one in each.body.blocks),
                }
            assert not (each.type == "resource" and "security_group_rule" in each.labels[0])


def subnets(number: int, zones: int) -> dict[str, list[ipaddress.IPv4Network]]:
    """How the network of the environment with this number is cut up."""
    whole = ipaddress.IPv4Network(f"10.{10 * number}.0.0/16")
    small, large = list(whole.subnets(8)), list(whole.subnets(4))
    parts = {
        name: small[first : first + zones]
        for name, first in (("public", 0), ("database", 4), ("elasticache", 8))
    }
    return parts | {"private": large[1 : 1 + zones]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_networks(tree: Callable[[str], Path], environment: str) -> None:
    production = environment == "production"
    zones = 3 if production else 2
    vpc = "module.vpc.standin_inputs"
    parts = subnets(ENVIRONMENTS.index(environment) + 1, zones)
    flat = [one for each in parts.values() for one in each]
    assert not any(a.overlaps(b) for a, b in combinations(flat, 2))
    planned(
        tree("turbo"),
        environment,
        "vpc",
        f"{vpc}.enable_nat_gateway && {vpc}.single_nat_gateway == {str(not production).lower()}",
        f"{vpc}.one_nat_gateway_per_az == {str(production).lower()}",
        f"{vpc}.enable_flow_log == {str(production).lower()}",
        f"length({vpc}.azs) == {zones}",
        *(
            f"{vpc}.{name}_subnets == tolist({json.dumps([str(one) for one in each])})"
            for name, each in parts.items()
        ),
        f"{vpc}.create_database_subnet_group && {vpc}.create_elasticache_subnet_group",
        f'{vpc}.public_subnet_tags["kubernetes.io/role/elb"] == "1"',
        f'{vpc}.private_subnet_tags["kubernetes.io/role/internal-elb"] == "1"',
        'module.endpoints.standin_inputs.endpoints.s3.service_type == "Gateway"',
    )


def test_the_bucket_is_private(tree: Callable[[str], Path]) -> None:
    bucket = "module.bucket.standin_inputs"
    planned(
        tree("turbo"),
        "production",
        "s3",
        f"{bucket}.block_public_acls && {bucket}.block_public_policy",
        f"{bucket}.ignore_public_acls && {bucket}.restrict_public_buckets",
        f'{bucket}.versioning["enabled"] == "true"',
        f"{bucket}.attach_deny_insecure_transport_policy",
        f'endswith({bucket}.bucket, "-media-123456789012")',
        f"length({bucket}.cors_rule) == 0",
    )


def test_images_are_what_they_were(tree: Callable[[str], Path]) -> None:
    repository = "module.repository.standin_inputs"
    test = f"""
variables {{
  name = "bakery"
}}
run "plan" {{
  command = plan
  assert {{
    condition     = {repository}.repository_image_tag_mutability == "IMMUTABLE" && {repository}.repository_image_scan_on_push
    error_message = "immutable and scanned"
  }}
  assert {{
    condition     = length(jsondecode({repository}.repository_lifecycle_policy).rules) == 2
    error_message = "old images go"
  }}
}}
"""
    found = plan_test(tree("turbo") / "infrastructure" / "modules" / "ecr", test)
    assert found.passed, found.text


OIDC = """
variables {
  name          = "bakery"
  environments  = ["dev", "production"]
  state_bucket  = "states"
  repository    = "acme/bakery"
  repository_id = "22"
  owner_id      = "11"
}
"""


def test_who_may_take_on_the_roles(tree: Callable[[str], Path]) -> None:
    token = "token.actions.githubusercontent.com"
    trust = "jsondecode(aws_iam_role.{}.assume_role_policy).Statement"
    plan_subjects = '["repo:acme/bakery:pull_request", "repo:acme@11/bakery@22:pull_request"]'
    apply_subjects = (
        "["
        + ", ".join(
            f'"repo:{form}:environment:{name}"'
            for form in ("acme/bakery", "acme@11/bakery@22")
            for name in ("dev", "production")
        )
        + "]"
    )
    asserts = ""
    for role, subjects in (("plan", plan_subjects), ("apply", apply_subjects)):
        one = trust.format(role)
        for condition in (
            f"length({one}) == 1",
            f'keys({one}[0].Condition) == ["StringEquals"]',
            f'toset(flatten([{one}[0].Condition.StringEquals["{token}:sub"]])) == toset({subjects})',
            f'flatten([{one}[0].Condition.StringEquals["{token}:aud"]]) == ["sts.amazonaws.com"]',
        ):
            asserts += f'  assert {{\n    condition     = {condition}\n    error_message = "{role}"\n  }}\n'
    test = f'{OIDC}\nrun "apply" {{\n  command = apply\n{asserts}}}\n'
    found = plan_test(tree("turbo") / "infrastructure" / "modules" / "github-oidc", test)
    assert found.passed, found.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('repository    = "acme/bakery"', 'repository = "bakery"'),
        ('repository_id = "22"', 'repository_id = ""'),
        ('owner_id      = "11"', 'owner_id = "acme"'),
        ('environments  = ["dev", "production"]', "environments = []"),
    ],
)
def test_who_is_not_named_is_not_trusted(tree: Callable[[str], Path], old: str, new: str) -> None:
    assert old in OIDC
    test = OIDC.replace(old, new) + '\nrun "plan" {\n  command = plan\n}\n'
    found = plan_test(tree("turbo") / "infrastructure" / "modules" / "github-oidc", test)
    assert not found.passed
    assert "Invalid value for variable" in found.text


def test_secrets_have_what_is_made_up_and_nothing_else(tree: Callable[[str], Path]) -> None:
    planned(
        tree("turbo"),
        "dev",
        "secrets",
        'keys(var.generated_keys) == tolist(["DJANGO_ADMIN_URL", "DJANGO_SECRET_KEY"])',
        'var.generated_keys["DJANGO_ADMIN_URL"] == "/"',
        'strcontains(aws_secretsmanager_secret.this.description, "MAILGUN_API_KEY, SENTRY_DSN")',
        'aws_secretsmanager_secret.this.name == "bakery-dev/app"',
        "length(module.generated) == 2",
    )


def test_a_database_that_is_read_as_an_address(tree: Callable[[str], Path]) -> None:
    module = tree("turbo") / "infrastructure" / "modules" / "rds"
    given = variables(tree("turbo"), "dev", "rds")
    for more, passes in (('url_key = "DATABASE_URL"', True), ("", False)):
        test = re.sub(r"(?m)^password_key = .*$", more, given) + '\nrun "plan" {\n  command = plan\n}\n'
        assert plan_test(module, test).passed is passes


@pytest.mark.parametrize("name", ["a" * 40 + "-production", "bakery-dev"])
def test_long_names_are_shortened(tree: Callable[[str], Path], name: str) -> None:
    for unit, given, longest in (
        ("elasticache", "module.cache.standin_inputs.replication_group_id", 40),
        ("s3", "module.bucket.standin_inputs.bucket", 63),
    ):
        text = variables(tree("turbo"), "dev", unit).replace('"bakery-dev"', f'"{name}"')
        test = (
            f'{text}\nrun "plan" {{\n  command = plan\n  assert {{\n'
            f"    condition     = length({given}) <= {longest}\n    error_message = {given}\n  }}\n}}\n"
        )
        found = plan_test(tree("turbo") / "infrastructure" / "modules" / unit, test)
        assert found.passed, found.text


# --- the workflow


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_workflow_is_clean(tree: Callable[[str], Path], layout: str) -> None:
    workflow = tree(layout) / ".github" / "workflows" / "terraform.yml"
    assert lint_workflow(workflow) == []
    assert lint_blocks(workflow) == []


EXPRESSIONS = {
    "matrix.environment": "dev",
    "github.token": "t",
    "github.event.pull_request.number": "3",
    "github.server_url": "https://github.com",
    "github.repository": "acme/bakery",
    "github.run_id": "9",
    "vars.AWS_ACCOUNT_ID": "123456789012",
}
SAID = "12:00 STDOUT [vpc] terraform: Plan: 3 to add, 0 to change, 0 to destroy.\nin 123456789012\n"


def test_a_plan_is_made_without_the_number_of_the_account(
    tree: Callable[[str], Path], tmp_path: Path
) -> None:
    workflow = tree("turbo") / ".github" / "workflows" / "terraform.yml"
    fakes = Fakes(tmp_path / "fakes").answer("terragrunt run --all", SAID, code=1)
    ran = execute(block(workflow, "Plan", "plan"), fakes, expressions=EXPRESSIONS, cwd=tmp_path)
    assert ran.returncode != 0
    assert "123456789012" not in (tmp_path / "plan.txt").read_text() + ran.stdout
    [call] = fakes.calls("terragrunt")
    assert call.option("--working-dir") == "infrastructure/environments/dev"
    assert {"plan", "-lock=false", "-refresh=false"} <= set(call.arguments)
    assert "apply" not in call.arguments


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ([{"id": 7, "body": "nice"}], "POST repos/acme/bakery/issues/3/comments"),
        (
            [{"id": 7, "body": "nice"}, {"id": 8, "body": "<!-- terraform plan: dev -->\nold"}],
            "PATCH repos/acme/bakery/issues/comments/8",
        ),
        ([{"id": 8, "body": "<!-- terraform plan: staging -->"}], "POST repos/acme/bakery/issues/3/comments"),
        ([], "POST repos/acme/bakery/issues/3/comments"),
    ],
    ids=["new", "again", "of another", "first"],
)
def test_a_plan_is_posted_once(
    tree: Callable[[str], Path], tmp_path: Path, there: list[Any], wanted: str
) -> None:
    workflow = tree("turbo") / ".github" / "workflows" / "terraform.yml"
    (tmp_path / "plan.txt").write_text(SAID + "x" * 70_000)
    fakes = Fakes(tmp_path / "fakes").answer("gh api --paginate", there).answer("gh api --method")
    step = block(workflow, "Post it to the pull request", "plan")
    env = {"GITHUB_REPOSITORY": "acme/bakery"}
    ran = execute(step, fakes, env=env, expressions=EXPRESSIONS, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    [call] = fakes.calls("gh api --method")
    assert f"--method {wanted} " in str(call)
    comment = (tmp_path / "comment.md").read_text()
    assert comment.startswith("<!-- terraform plan: dev -->\n")
    assert "Plan: 3 to add" in comment
    assert len(comment) < 65_536


def test_only_jobs_of_environments_change_anything(tree: Callable[[str], Path]) -> None:
    workflow = YAML(typ="safe").load(tree("turbo") / ".github" / "workflows" / "terraform.yml")
    for name, job in workflow["jobs"].items():
        text = str(job["steps"])
        assert ("-- apply" in text) == ("AWS_APPLY_ROLE_ARN" in text) == ("environment" in job), name
        assert ("AWS_PLAN_ROLE_ARN" in text) == (name == "plan")
    assert "head.repo.full_name == github.repository" in workflow["jobs"]["plan"]["if"]


def test_commands_are_those_of_terragrunt_1(tree: Callable[[str], Path]) -> None:
    assert old_commands(tree("turbo")) == []


def old_commands(tree: Path) -> list[Finding]:
    return outdated(*(path for path in sorted(tree.rglob("*")) if path.is_file()))


# --- mistakes are found


def mutated(tree: Path, folder: Path, path: str, old: str, new: str) -> Path:
    """A copy of the tree with a mistake."""
    shutil.copytree(tree, folder / "mutated")
    target = folder / "mutated" / path
    text = target.read_text()
    assert old in text
    target.write_text(text.replace(old, new, 1))
    return folder / "mutated"


@pytest.mark.parametrize(
    ("module", "file", "old", "new"),
    [
        ("rds", "main", "  identifier = var.name", "  identifer = var.name"),
        ("vpc", "main", "module.vpc.private_route_table_ids", "module.vpc.private_route_tables"),
        ("rds", "main", "  password_wo   ", "  password      "),
        ("s3", "versions", "~> 6.42", "~> 5.0"),
        ("ecr", "main", '"3.2.0"', '"2.0.0"'),
    ],
    ids=["input", "output of another", "old argument", "provider", "module"],
)
def test_a_mistake_in_a_module_is_found(
    tree: Callable[[str], Path], tmp_path: Path, module: str, file: str, old: str, new: str
) -> None:
    path = f"infrastructure/modules/{module}/{file}.tf"
    wrong = mutated(tree("turbo"), tmp_path, path, old, new)
    assert validate(wrong / "infrastructure" / "modules" / module)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [("rds", '      value = "1"\n', '      value = "1"\n      apply = "immediate"\n')],
)
def test_a_key_that_would_be_dropped_is_found(
    tree: Callable[[str], Path], tmp_path: Path, module: str, old: str, new: str
) -> None:
    path = f"infrastructure/modules/{module}/main.tf"
    wrong = mutated(tree("turbo"), tmp_path, path, old, new) / "infrastructure" / "modules" / module
    assert validate(wrong) == []
    assert object_keys(wrong)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("infrastructure/root.hcl", "use_lockfile = true", 'dynamodb_table = "locks"'),
        (".github/workflows/terraform.yml", "terragrunt run --all", "terragrunt run-all"),
    ],
)
def test_old_ways_are_found(
    tree: Callable[[str], Path], tmp_path: Path, path: str, old: str, new: str
) -> None:
    assert old_commands(mutated(tree("turbo"), tmp_path, path, old, new))


def test_a_password_in_the_state_is_found(tree: Callable[[str], Path], tmp_path: Path) -> None:
    path = "infrastructure/modules/rds/main.tf"
    wrong = mutated(tree("turbo"), tmp_path, path, "  secret_string_wo =", "  secret_string =")
    with pytest.raises(AssertionError, match="Invalid use of ephemeral value"):
        planned(wrong, "dev", "rds")


def test_an_engine_of_another_family_is_found(tree: Callable[[str], Path], tmp_path: Path) -> None:
    path = "infrastructure/modules/elasticache/main.tf"
    wrong = mutated(tree("turbo"), tmp_path, path, 'family = "valkey8"', 'family = "valkey7"')
    with pytest.raises(AssertionError, match="engine, version and family go together"):
        test_the_cache_is_closed_encrypted_and_keeps_what_it_has(lambda _: wrong, "valkey")


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("modules/vpc/outputs.tf", 'output "vpc_id"', 'output "id"'),
        ("environments/_env/rds.hcl", "dependency.vpc.outputs.vpc_id", "dependency.vpc.outputs.id"),
        ("environments/_env/rds.hcl", "    vpc_id ", "    id "),
        ("environments/_env/rds.hcl", "  multi_az ", "  multi_zone "),
        ("environments/_env/rds.hcl", "local.env.database_storage", "local.env.storage"),
        ("environments/dev/env.hcl", "database_multi_az ", "multi_az "),
        ("environments/_env/s3.hcl", "modules//s3", "modules//bucket"),
        ("environments/dev/vpc/terragrunt.hcl", "_env/vpc.hcl", "_env/network.hcl"),
        ("root.hcl", "allowed_account_ids", "allowed_accounts"),
    ],
    ids=["output", "what is used", "mock", "input", "local", "size", "module", "include", "provider"],
)
def test_a_mistake_in_an_environment_is_found(
    tree: Callable[[str], Path], tmp_path: Path, path: str, old: str, new: str
) -> None:
    wrong = mutated(tree("turbo"), tmp_path, f"infrastructure/{path}", old, new) / "infrastructure"
    target = tmp_path / "composed"
    target.mkdir()
    assert validate_environment(wrong, "dev", target)
