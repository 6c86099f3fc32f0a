"""What the checks of Terraform, Terragrunt and checkov find, and that they find nothing in what is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infrastructure.checkov import checkov
from tests.infrastructure.terraform import fmt_check, modules, object_keys, plan_test, validate
from tests.infrastructure.terragrunt import compose, environments, outdated, validate_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

VERSIONS = """\
terraform {
  required_version = ">= 1.11.1"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.42"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}
"""
DATABASE = """\
variable "name" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

ephemeral "random_password" "this" {
  length  = 32
  special = false
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_db_instance" "this" {
  identifier           = var.name
  instance_class       = "db.t4g.micro"
  db_subnet_group_name = module.vpc.database_subnet_group_name
  password_wo          = ephemeral.random_password.this.result
  password_wo_version  = 1
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "%s"

  name            = var.name
  private_subnets = [for number in range(2) : cidrsubnet("10.0.0.0/16", 8, number)]
}

module "service" {
  source  = "terraform-aws-modules/ecs/aws//modules/service"
  version = "%s"

  name       = var.name
  subnet_ids = concat(var.subnet_ids, module.vpc.private_subnets)

  container_definitions = {
    django = {
      portMappings = [{ containerPort = 5000 }]
    }
  }
}

output "address" {
  value = aws_db_instance.this.address
}

output "vpc_id" {
  value = module.vpc.vpc_id
}
"""
TEST = """\
variables {
  name       = "shop"
  subnet_ids = ["a"]
}

run "plan" {
  command = plan

  assert {
    condition     = module.service.standin_inputs.container_definitions.django.portMappings[0].containerPort == 5000
    error_message = "the port"
  }

  assert {
    condition     = aws_db_instance.this.multi_az == null && aws_db_instance.this.identifier == "shop"
    error_message = "what is set"
  }
}

run "apply" {
  command = apply

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Action == "s3:GetObject"
    error_message = "the policy"
  }

  assert {
    condition     = aws_db_instance.this.address != "" && output.vpc_id == "vpc-id"
    error_message = "what is computed"
  }
}
"""


def _module(folder: Path, old: str = "", new: str = "") -> Path:
    """A module with a mistake: `old` is `new`."""
    text = DATABASE % (
        modules()["terraform-aws-modules/vpc/aws"]["version"],
        modules()["terraform-aws-modules/ecs/aws//modules/service"]["version"],
    )
    assert old in text
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text.replace(old, new))
    (folder / "versions.tf").write_text(VERSIONS)
    return folder


def test_right_module(tmp_path: Path) -> None:
    module = _module(tmp_path / "module")
    assert validate(module) == []
    assert object_keys(module) == []
    assert fmt_check(module) == []
    assert sorted(path.name for path in module.iterdir()) == ["main.tf", "versions.tf"]
    assert plan_test(module, TEST).passed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("private_subnets = [", "privat_subnets = [", 'An argument named "privat_subnets" is not expected here'),
        ("module.vpc.private_subnets", "module.vpc.private_subnet", "Unsupported attribute"),
        ("module.vpc.vpc_id", "module.vpc.id", "Unsupported attribute"),
        ("  subnet_ids = concat(var.subnet_ids", "  subnet_ids = tomap(var.subnet_ids", "tomap"),
        ("password_wo          =", "password          =", "Invalid use of ephemeral value"),
        ("instance_class       =", "instance_clas =", 'The argument "instance_class" is required'),
        ("aws_db_instance.this.address", "aws_db_instance.this.adress", 'no argument, nested block, or exported'),
        ('"aws_s3_bucket" "this"', '"aws_s3_bukket" "this"', 'does not support resource type "aws_s3_bukket"'),
        ("bucket = var.name", "bucket = [var.name]", "string required"),
        ("    principals {", "    principal {", 'Blocks of type "principal" are not expected'),
        ("terraform-aws-modules/vpc/aws\"\n  version = \"", "terraform-aws-modules/vpc/aws\"\n  version = \"9", "terraform init"),
        ("terraform-aws-modules/vpc/aws", "terraform-aws-modules/vcp/aws", "terraform init"),
        ("resource \"aws_db_instance\"", "resource \"gcp_db_instance\"", "terraform init"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_module_is_found(old: str, new: str, said: str, tmp_path: Path) -> None:
    found = validate(_module(tmp_path / "module", old, new))
    assert any(said in str(finding) for finding in found), found


def test_a_provider_of_another_version_is_not_there(tmp_path: Path) -> None:
    module = _module(tmp_path / "module")
    (module / "versions.tf").write_text(VERSIONS.replace("~> 6.42", "~> 5.0"))
    assert "no available releases match" in str(validate(module)[0])


def test_keys_that_terraform_drops_are_found(tmp_path: Path) -> None:
    module = _module(tmp_path / "module", "portMappings", "port_mappings")
    assert validate(module) == []
    (found,) = object_keys(module)
    assert found.detail.startswith("module.service.container_definitions.django.port_mappings is dropped: ")
    assert "port_mappings" in (module / "main.tf").read_text().splitlines()[found.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("containerPort = 5000", "containerPort = 8000", "the port"),
        (
            "name       = var.name\n  subnet_ids",
            "name       = null\n  identifier = 1\n  subnet_ids",
            "identifier",
        ),
        ("identifier           = var.name", 'identifier = "other"', "what is set"),
        ("s3:GetObject", "s3:PutObject", "the policy"),
    ],
)
def test_plans_that_are_not_as_they_should_be(old: str, new: str, said: str, tmp_path: Path) -> None:
    done = plan_test(_module(tmp_path / "module", old, new), TEST)
    assert not done.passed
    assert said in done.text


def test_modules_that_only_others_call(tmp_path: Path) -> None:
    """An ephemeral output is nothing that a root has."""
    right = (
        'output "x" {\n  value     = var.x\n  ephemeral = true\n}\n\nvariable "x" {\n  ephemeral = true\n}\n'
    )
    (tmp_path / "main.tf").write_text(right)
    assert validate(tmp_path) == []
    (tmp_path / "main.tf").write_text(right.replace("var.x", "var.y"))
    (found,) = validate(tmp_path)
    assert (found.file, found.line, found.summary) == ("main.tf", 2, "Reference to undeclared input variable")


def test_providers_of_kubernetes(tmp_path: Path) -> None:
    """Those of Helm 3 have attributes where blocks were."""
    right = """\
provider "helm" {
  kubernetes = {
    host = "https://example.com"
    exec = {
      api_version = "client.authentication.k8s.io/v1"
      command     = "aws"
    }
  }
}

resource "helm_release" "this" {
  name  = "one"
  chart = "one"
  set = [
    { name = "a", value = "b" },
  ]
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = "one"
  }
}
"""
    (tmp_path / "main.tf").write_text(right)
    assert validate(tmp_path) == []
    (tmp_path / "main.tf").write_text(right.replace("kubernetes = {", "kubernetes {"))
    assert 'Blocks of type "kubernetes" are not expected here' in str(validate(tmp_path)[0])
    (tmp_path / "main.tf").write_text(right.replace('name = "a", value', 'nam = "a", value'))
    assert '"name" is required' in str(validate(tmp_path)[0])
    (tmp_path / "main.tf").write_text(right.replace("metadata {", 'metadata {\n    namespace = "two"'))
    assert 'An argument named "namespace" is not expected here' in str(validate(tmp_path)[0])


def test_formatting(tmp_path: Path) -> None:
    (tmp_path / "a.tf").write_text("locals {\n  a = 1\n}\n")
    (tmp_path / "b.tf").write_text("locals {\n  a  = 1\n}\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "terragrunt.hcl").write_text("inputs = {\n  a = 1\n  long = 2\n}\n")
    (tmp_path / "c.hcl").write_text("locals {\n")
    assert fmt_check(tmp_path) == ["b.tf", "c.hcl", "deep/terragrunt.hcl"]


ROOT = """\
locals {
  region = "eu-central-1"
}

remote_state {
  backend = "s3"

  config = {
    bucket       = "shop-${get_env("AWS_ACCOUNT_ID")}"
    key          = "${path_relative_to_include()}/terraform.tfstate"
    region       = local.region
    use_lockfile = true
  }
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"

  contents = <<-EOF
    provider "aws" {
      region = "${local.region}"
    }
  EOF
}
"""
UNIT = """\
include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "env" {
  path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/_env/%s.hcl"
}
"""
NETWORK = """\
terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//network"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

inputs = {
  name = local.env.name
}
"""
SERVICE = """\
terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//service"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

dependency "network" {
  config_path = "${get_terragrunt_dir()}/../network"

  mock_outputs = {
    vpc_id     = "vpc-0"
    subnet_ids = ["subnet-0"]
  }
}

inputs = {
  name     = "${local.env.name}-service"
  networks = { main = { id = dependency.network.outputs.vpc_id } }
  tasks    = local.env.tasks
  domain   = ""
}
"""
FILES = {
    "root.hcl": ROOT,
    "environments/_env/network.hcl": NETWORK,
    "environments/_env/service.hcl": SERVICE,
    "environments/dev/env.hcl": 'locals {\n  slug  = "shop"\n  name  = "${local.slug}-dev"\n  tasks = 1\n}\n',
    "environments/dev/network/terragrunt.hcl": UNIT % "network",
    "environments/dev/service/terragrunt.hcl": UNIT % "service" + "\ninputs = {\n  tasks = 2\n}\n",
    "modules/network/main.tf": """\
variable "name" {
  type = string
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = ["a", "b"]
}
""",
    "modules/service/main.tf": """\
variable "name" {
  type = string
}

variable "networks" {
  type = map(object({ id = string }))
}

variable "tasks" {
  type = number
}

variable "domain" {
  type = string
  validation {
    condition     = var.domain != ""
    error_message = "Fill in the domain."
  }
}

output "all" {
  value = [var.name, var.tasks]
}
""",
}
FILLED = {"service": {"domain": '"shop.example.com"'}}


def _tree(folder: Path, file: str = "root.hcl", old: str = "", new: str = "") -> Path:
    """Terragrunt's files with a mistake: `old` in `file` is `new`."""
    assert old in FILES[file]
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new) if name == file else text)
    return folder


def _composed(tmp_path: Path) -> Path:
    target = tmp_path / "composed"
    target.mkdir()
    return target


def test_right_environment(tmp_path: Path) -> None:
    root, target = _tree(tmp_path / "infrastructure"), _composed(tmp_path)
    assert environments(root) == ["dev"]
    assert validate_environment(root, "dev", target, FILLED) == []
    assert fmt_check(root) == []
    assert outdated(*root.rglob("*.hcl")) == []
    test = """\
run "plan" {
  command = plan

  assert {
    condition     = module.service.all == ["shop-dev-service", 2]
    error_message = "inputs of files that include come last: ${jsonencode(module.service.all)}"
  }
}
"""
    assert (done := plan_test(target, test)).passed, done.text
    assert 'region = "${local.' in (target / "provider.tf").read_text()


ENV, SERVICE_HCL = "environments/dev/env.hcl", "environments/_env/service.hcl"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (SERVICE_HCL, "outputs.vpc_id", "outputs.vpcid", "Unsupported attribute"),
        (SERVICE_HCL, "dependency.network.outputs", "dependency.net.outputs", "there is no such dependency"),
        (SERVICE_HCL, "../network", "../networks", "is no unit"),
        (SERVICE_HCL, '    subnet_ids = ["subnet-0"]\n', "", "mocks of network: subnet_ids is missing"),
        (SERVICE_HCL, "    vpc_id     =", "    vpc        =", "mocks of network: vpc is no output, vpc_id is missing"),
        (SERVICE_HCL, "  tasks    =", "  task     =", '"task" is not expected here'),
        (SERVICE_HCL, "{ id = dep", "{ id = 1, ident = dep", "networks.main.ident is dropped"),
        (SERVICE_HCL, "//service", "//servic", "is not there"),
        (ENV, "tasks = 1", 'tasks = 1\n  x = local.unknown', "undeclared local value"),
        (ENV, "name  =", "names =", "Unsupported attribute"),
        ("environments/dev/service/terragrunt.hcl", 'include "env"', "skip = true\ninclude \"env\"", "Unknown attribute"),
        ("root.hcl", 'generate "provider"', 'retryable_errors {}\ngenerate "provider"', "Unknown block"),
        ("root.hcl", '"${local.region}"', '"${local.regin}"', "undeclared local value"),
        ("modules/network/main.tf", "  value = aws_vpc.this.id", "  value = aws_vpc.this.id\n  ephemeral = true", "vpc_id is no output"),
    ],
)  # fmt: skip
def test_each_mistake_in_an_environment_is_found(
    file: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    found = validate_environment(_tree(tmp_path / "root", file, old, new), "dev", _composed(tmp_path), FILLED)
    assert any(said in str(finding) for finding in found), found


def test_what_is_to_be_filled_in_is_missed(tmp_path: Path) -> None:
    found = validate_environment(_tree(tmp_path / "root"), "dev", _composed(tmp_path))
    assert ["Fill in the domain" in str(finding) for finding in found] == [True]
    with pytest.raises(KeyError, match="service: domains"):
        compose(tmp_path / "root", "dev", tmp_path / "composed", {"service": {"domains": "1"}})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("use_lockfile = true", 'dynamodb_table = "x"'),
        ("locals {", "# terragrunt run-all plan\nlocals {"),
        ("locals {", "# terragrunt plan --terragrunt-non-interactive\nlocals {"),
        ("locals {", '# TERRAGRUNT_NON_INTERACTIVE\nlocals {'),
    ],
)  # fmt: skip
def test_what_is_outdated_is_found(old: str, new: str, tmp_path: Path) -> None:
    root = _tree(tmp_path, "root.hcl", old, new)
    assert [finding.file for finding in outdated(*root.rglob("*.hcl"))] == ["root.hcl"]


def test_checkov(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_security_group" "this" {\n  ingress {\n    from_port   = 22\n    to_port     = 22\n'
        '    protocol    = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
    )
    done = checkov(tmp_path, "terraform", {"CKV_AWS_23": "no descriptions", "CKV_AWS_1": "for nothing"})
    assert ("CKV_AWS_24", "main.tf", 1) in [(each.check, each.file, each.line) for each in done.failed]
    assert "CKV_AWS_23" not in [each.check for each in done.failed]
    assert (done.passed > 0, done.unused) == (True, ["CKV_AWS_1"])
    with pytest.raises(AssertionError, match="nothing was checked"):
        checkov(tmp_path, "kubernetes", {})
