"""Terraform's part of eks: it validates, it plans what was meant, and what would break it is noticed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.infrastructure.checkov import checkov
from tests.infrastructure.eks import write_tree
from tests.infrastructure.terraform import fmt_check, plan_test, validate
from tests.infrastructure.terragrunt import validate_environment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

CLUSTER = """\
variables {
  name                       = "shop-production"
  kubernetes_version         = "1.35"
  namespace                  = "shop-production"
  deploy_group               = "shop-deploy"
  vpc_id                     = "vpc-1"
  private_subnet_ids         = ["subnet-1", "subnet-2"]
  admin_role_arns            = ["arn:aws:iam::123456789012:role/apply"]
  deploy_role_arns           = ["arn:aws:iam::123456789012:role/deploy"]
  node_type                  = "t3.large"
  node_min_size              = 2
  node_max_size              = 6
  deletion_protection        = true
  log_retention_days         = 90
  database_security_group_id = "sg-database"
  database_port              = 5432
  cache_security_group_id    = "sg-cache"
  cache_port                 = 6379
}

run "closed" {
  command = apply

  assert {
    condition     = module.eks.standin_inputs.name == "shop-production" && module.eks.standin_inputs.kubernetes_version == "1.35"
    error_message = "name and version"
  }
  assert {
    condition     = toset(keys(module.eks.standin_inputs.addons)) == toset(["coredns", "kube-proxy", "vpc-cni", "eks-pod-identity-agent"])
    error_message = "add-ons"
  }
  assert {
    condition     = alltrue([for name in ["vpc-cni", "eks-pod-identity-agent"] : module.eks.standin_inputs.addons[name].before_compute])
    error_message = "before the nodes"
  }
  assert {
    condition     = jsondecode(module.eks.standin_inputs.addons["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "network policies"
  }
  assert {
    condition     = !module.eks.standin_inputs.endpoint_public_access && module.eks.standin_inputs.endpoint_private_access
    error_message = "endpoint"
  }
  assert {
    condition     = module.eks.standin_inputs.authentication_mode == "API"
    error_message = "authentication"
  }
  assert {
    condition     = !module.eks.standin_inputs.enable_cluster_creator_admin_permissions
    error_message = "creator"
  }
  assert {
    condition     = module.eks.standin_inputs.access_entries["deploy-deploy"].policy_associations.namespace.access_scope == { type = "namespace", namespaces = tolist(["shop-production"]) }
    error_message = "scope of deployments"
  }
  assert {
    condition     = module.eks.standin_inputs.access_entries["deploy-deploy"].kubernetes_groups == tolist(["shop-deploy"])
    error_message = "group of deployments"
  }
  assert {
    condition     = module.eks.standin_inputs.access_entries["admin-apply"].policy_associations.cluster.access_scope.type == "cluster"
    error_message = "scope of administrators"
  }
  assert {
    condition     = module.eks.standin_inputs.access_entries["deploy-deploy"].policy_associations.namespace.policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"
    error_message = "policy of deployments"
  }
  assert {
    condition     = module.eks.standin_inputs.kms_key_administrators == tolist(["arn:aws:iam::123456789012:root"])
    error_message = "the key belongs to the account"
  }
  assert {
    condition     = length(module.eks.standin_inputs.access_entries) == 2
    error_message = "nobody else"
  }
  assert {
    condition     = module.eks.standin_inputs.eks_managed_node_groups.main.ami_type == "AL2023_x86_64_STANDARD"
    error_message = "image of the nodes"
  }
  assert {
    condition     = module.eks.standin_inputs.eks_managed_node_groups.main.min_size == 2 && module.eks.standin_inputs.eks_managed_node_groups.main.subnet_ids == tolist(["subnet-1", "subnet-2"])
    error_message = "nodes in several zones"
  }
  assert {
    condition     = module.eks.standin_inputs.eks_managed_node_groups.main.metadata_options.http_put_response_hop_limit == 1
    error_message = "metadata"
  }
  assert {
    condition     = module.eks.standin_inputs.eks_managed_node_groups.main.block_device_mappings.root.ebs.encrypted
    error_message = "disks"
  }
  assert {
    condition     = startswith(module.eks.standin_inputs.iam_role_name, "shop-") && startswith(module.eks.standin_inputs.eks_managed_node_groups.main.iam_role_name, "shop-") && startswith(module.eks.standin_inputs.encryption_policy_name, "shop-")
    error_message = "names that the role which applies may make"
  }
  assert {
    condition     = module.eks.standin_inputs.deletion_protection && module.eks.standin_inputs.upgrade_policy.support_type == "STANDARD"
    error_message = "protection"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.database.security_group_id == "sg-database" && aws_vpc_security_group_ingress_rule.database.from_port == 5432
    error_message = "way to the database"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.cache.security_group_id == "sg-cache" && aws_vpc_security_group_ingress_rule.cache.to_port == 6379
    error_message = "way to the cache"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.database.cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.database.referenced_security_group_id == output.node_security_group_id
    error_message = "from the nodes alone"
  }
}

run "open" {
  variables {
    public_access_cidrs = ["203.0.113.7/32"]
    node_type           = "m7g.large"
  }

  command = apply

  assert {
    condition     = module.eks.standin_inputs.endpoint_public_access && module.eks.standin_inputs.endpoint_public_access_cidrs == tolist(["203.0.113.7/32"])
    error_message = "endpoint"
  }
  assert {
    condition     = module.eks.standin_inputs.eks_managed_node_groups.main.ami_type == "AL2023_ARM_64_STANDARD"
    error_message = "image of the nodes"
  }
}

run "one_zone" {
  variables {
    private_subnet_ids = ["subnet-1"]
  }

  command         = plan
  expect_failures = [var.private_subnet_ids]
}

run "patch_version" {
  variables {
    kubernetes_version = "1.35.2"
  }

  command         = plan
  expect_failures = [var.kubernetes_version]
}
"""

ADDONS = """\
variables {
  name                               = "shop-production"
  vpc_id                             = "vpc-1"
  cluster_name                       = "shop-production"
  cluster_endpoint                   = "https://cluster.invalid"
  cluster_certificate_authority_data = "bW9jaw=="
%s  namespace                          = "shop-production"
  service_account                    = "shop"
  deploy_group                       = "shop-deploy"
  secret_arns                        = ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop"]
  bucket_arns                        = ["arn:aws:s3:::media"]
  controller_replicas                = 2
}

run "addons" {
  command = apply

  assert {
    condition     = length(setsubtract([{ name = "region", value = "eu-central-1" }, { name = "vpcId", value = "vpc-1" }], [for each in helm_release.load_balancer_controller.set : { name = each.name, value = each.value }])) == 0
    error_message = "what pods cannot ask their node for"
  }
  assert {
    condition     = { for each in helm_release.load_balancer_controller.set : each.name => each.value }["clusterName"] == "shop-production"
    error_message = "name of the cluster"
  }
  assert {
    condition     = helm_release.external_secrets.create_namespace && helm_release.external_secrets.namespace == "external-secrets"
    error_message = "namespace of External Secrets"
  }
  assert {
    condition     = helm_release.metrics_server.chart == "metrics-server"
    error_message = "metrics"
  }
  assert {
    condition     = kubernetes_namespace_v1.app.metadata[0].name == "shop-production" && kubernetes_namespace_v1.app.metadata[0].labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"
    error_message = "namespace"
  }
  assert {
    condition     = kubernetes_role_binding_v1.deploy.subject[0].name == "shop-deploy" && kubernetes_role_binding_v1.deploy.metadata[0].namespace == "shop-production"
    error_message = "rights of deployments"
  }
%s}

run "all_secrets" {
  variables {
    secret_arns = ["*"]
  }

  command         = plan
  expect_failures = [var.secret_arns]
}
"""
TRUST = '  oidc_provider_arn                  = "arn:aws:iam::123456789012:oidc-provider/cluster"\n'
IRSA = """\
  assert {
    condition     = module.app_role.standin_inputs.oidc_providers.cluster.namespace_service_accounts == ["shop-production:shop"]
    error_message = "who is trusted"
  }
  assert {
    condition     = module.app_role.standin_inputs.external_secrets_secrets_manager_arns == tolist(var.secret_arns) && module.app_role.standin_inputs.attach_external_secrets_policy
    error_message = "secrets"
  }
  assert {
    condition     = module.app_role.standin_inputs.permissions.Objects.resources == tolist(["arn:aws:s3:::media/*"])
    error_message = "bucket"
  }
  assert {
    condition     = module.app_role.standin_inputs.name == "shop-production-app" && !module.app_role.standin_inputs.use_name_prefix
    error_message = "the name that manifests expect"
  }
  assert {
    condition     = module.load_balancer_controller_role.standin_inputs.attach_load_balancer_controller_policy && module.load_balancer_controller_role.standin_inputs.oidc_providers.cluster.namespace_service_accounts == ["kube-system:aws-load-balancer-controller"]
    error_message = "role of the load balancer controller"
  }
"""
POD_IDENTITY = """\
  assert {
    condition     = module.app_identity.standin_inputs.associations.app.namespace == "shop-production" && module.app_identity.standin_inputs.associations.app.service_account == "shop"
    error_message = "who is trusted"
  }
  assert {
    condition     = module.app_identity.standin_inputs.policy_statements[0].resources == tolist(["arn:aws:s3:::media/*"]) && !module.app_identity.standin_inputs.attach_external_secrets_policy
    error_message = "bucket"
  }
  assert {
    condition     = module.external_secrets_identity.standin_inputs.external_secrets_secrets_manager_arns == tolist(var.secret_arns) && module.external_secrets_identity.standin_inputs.associations.controller.service_account == "external-secrets"
    error_message = "secrets"
  }
  assert {
    condition     = module.load_balancer_controller_identity.standin_inputs.attach_aws_lb_controller_policy
    error_message = "role of the load balancer controller"
  }
"""


@pytest.fixture(scope="module")
def irsa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("irsa"), "turbo")


@pytest.fixture(scope="module")
def pod_identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("pod-identity"), "cookiecutter", identity="pod-identity")


def module(tree: Path, name: str) -> Path:
    return tree / "infrastructure" / "modules" / name


def found(folder: Path) -> list[str]:
    return [str(finding) for finding in validate(folder)]


@pytest.mark.parametrize("tree", ["irsa", "pod_identity"])
def test_files_are_formatted_and_modules_validate(tree: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(tree)
    assert fmt_check(folder / "infrastructure") == []
    for name in ("eks", "eks-addons"):
        assert found(module(folder, name)) == []


@pytest.mark.parametrize(("tree", "environment"), [("irsa", "production"), ("pod_identity", "dev")])
def test_environments_fit_together(
    tree: str, environment: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder = request.getfixturevalue(tree)
    assert [str(one) for one in validate_environment(folder / "infrastructure", environment, tmp_path)] == []


def test_checkov_finds_nothing(irsa: Path, tmp_path: Path) -> None:
    for name in ("eks", "eks-addons"):
        shutil.copytree(module(irsa, name), tmp_path / name)
    checked = checkov(tmp_path, "terraform", {"CKV_TF_1": "modules of the registry are pinned by version"})
    assert checked.failed == []
    assert checked.passed > 0
    assert checked.unused == []


def test_the_cluster_is_as_meant(irsa: Path) -> None:
    tested = plan_test(module(irsa, "eks"), CLUSTER)
    assert tested.passed, tested.text


def test_addons_are_as_meant(irsa: Path, pod_identity: Path) -> None:
    for tree, trust, own in ((irsa, TRUST, IRSA), (pod_identity, "", POD_IDENTITY)):
        tested = plan_test(module(tree, "eks-addons"), ADDONS % (trust, own))
        assert tested.passed, tested.text


def first_run(test: str) -> str:
    """The test without the runs after the first."""
    before, _, after = test.partition("\nrun ")
    return "\nrun ".join((before, after.partition("\nrun ")[0]))


class Mutation(NamedTuple):
    """A change of a file of the modules, and who notices."""

    name: str
    path: str
    old: str
    new: str
    by: str
    """`validate`, or what the failing assertion says."""


MUTATIONS = (
    Mutation(
        "an input of older majors",
        "eks/main.tf",
        "  name               = var.name",
        "  cluster_name       = var.name",
        "validate",
    ),
    Mutation("no add-ons", "eks/main.tf", "    coredns    = {}\n    kube-proxy = {}\n", "", "add-ons"),
    Mutation(
        "the network after the nodes",
        "eks/main.tf",
        "    vpc-cni = {\n      before_compute = true",
        "    vpc-cni = {\n      before_computed = true",
        "before the nodes",
    ),
    Mutation(
        "rights in the whole cluster",
        "eks/main.tf",
        'type       = "namespace"\n            namespaces = [var.namespace]',
        'type       = "cluster"',
        "scope of deployments",
    ),
    Mutation(
        "an open endpoint", "eks/main.tf", "length(var.public_access_cidrs) > 0\n", "true\n", "endpoint"
    ),
    Mutation(
        "the ConfigMap aws-auth", "eks/main.tf", '  authentication_mode = "API"\n', "", "authentication"
    ),
    Mutation(
        "the database for everybody",
        "eks/main.tf",
        '  referenced_security_group_id = module.eks.node_security_group_id\n  ip_protocol                  = "tcp"\n  from_port                    = var.database_port',
        '  cidr_ipv4                    = "0.0.0.0/0"\n  ip_protocol                  = "tcp"\n  from_port                    = var.database_port',
        "from the nodes alone",
    ),
    Mutation(
        "an output that is none",
        "eks/outputs.tf",
        "module.eks.node_security_group_id",
        "module.eks.nodes_security_group_id",
        "validate",
    ),
    Mutation(
        "set as blocks",
        "eks-addons/main.tf",
        '  set = [\n    { name = "replicas", value = tostring(var.controller_replicas) },\n  ]',
        '  set {\n    name  = "replicas"\n    value = tostring(var.controller_replicas)\n  }',
        "validate",
    ),
    Mutation(
        "the provider's kubernetes as a block",
        "eks-addons/providers.tf",
        "  kubernetes = {",
        "  kubernetes {",
        "validate",
    ),
    Mutation(
        "no region",
        "eks-addons/main.tf",
        '    { name = "region", value = data.aws_region.current.region },\n',
        "",
        "what pods cannot ask",
    ),
    Mutation(
        "all secrets",
        "eks-addons/main.tf",
        "external_secrets_secrets_manager_arns = var.secret_arns",
        'external_secrets_secrets_manager_arns = ["*"]',
        "secrets",
    ),
    Mutation(
        "any service account",
        "eks-addons/main.tf",
        '["${var.namespace}:${var.service_account}"]',
        '["*:*"]',
        "who is trusted",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_is_noticed(mutation: Mutation, irsa: Path, tmp_path: Path) -> None:
    shutil.copytree(irsa / "infrastructure" / "modules", tmp_path / "modules")
    path = tmp_path / "modules" / mutation.path
    assert mutation.old in path.read_text()
    path.write_text(path.read_text().replace(mutation.old, mutation.new, 1))
    if mutation.by == "validate":
        assert found(path.parent)
        return
    test = CLUSTER if path.parent.name == "eks" else ADDONS % (TRUST, IRSA)
    tested = plan_test(path.parent, first_run(test))
    assert not tested.passed
    assert mutation.by in tested.text


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "_env/eks-addons.hcl",
            "    node_security_group_id             = ",
            "    node_security_group_ids            = ",
        ),
        ("_env/eks-addons.hcl", "dependency.eks.outputs.cluster_name", "dependency.eks.outputs.name"),
        ("_env/eks.hcl", "  deploy_group       = ", "  deployment_group   = "),
        ("production/eks/terragrunt.hcl", "  node_type     = ", "  nodes_type    = "),
    ],
    ids=[
        "a mock that is no output",
        "an output that is none",
        "an input that is none",
        "an input of one unit",
    ],
)
def test_a_mistake_between_units_is_noticed(
    irsa: Path, tmp_path: Path, path: str, old: str, new: str
) -> None:
    home = tmp_path / "infrastructure"
    shutil.copytree(irsa / "infrastructure", home)
    file = home / "environments" / path
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    (tmp_path / "composed").mkdir()
    assert validate_environment(home, "production", tmp_path / "composed")
