# The cluster, its nodes, who may use it, and what it may reach.
# https://registry.terraform.io/modules/terraform-aws-modules/eks/aws/[= versions["eks"] =]

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  policies = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy"

  # Graviton families have a "g" behind their generation: m7g, t4g, c7gn. Their nodes run images for arm64 only.
  is_arm = can(regex("^[a-z]+[0-9]+[a-z]*g", var.node_type))

  # A principal may have one access entry only.
  admins = {
    for arn in setunion(var.admin_role_arns, var.operator_role_arns) : "admin-${basename(arn)}" => {
      principal_arn = arn
      policy_associations = {
        cluster = {
          policy_arn   = "${local.policies}/AmazonEKSClusterAdminPolicy"
          access_scope = { type = "cluster" }
        }
      }
    }
  }

  # Deployments write in the namespace of the application, nowhere else.
  # The group is for custom resources, which no access policy covers: the unit eks-addons binds it.
  deployers = {
    for arn in var.deploy_role_arns : "deploy-${basename(arn)}" => {
      principal_arn     = arn
      kubernetes_groups = [var.deploy_group]
      policy_associations = {
        namespace = {
          policy_arn = "${local.policies}/AmazonEKSEditPolicy"
          access_scope = {
            type       = "namespace"
            namespaces = [var.namespace]
          }
        }
      }
    }
  }
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "[= versions["eks"] =]"

  name               = var.name
  kubernetes_version = var.kubernetes_version

  # Names without random endings: the role that applies this may make roles that begin with the name of the project.
  iam_role_name                     = "${var.name}-cluster"
  iam_role_use_name_prefix          = false
  encryption_policy_name            = "${var.name}-cluster-encryption"
  encryption_policy_use_name_prefix = false

  # Do not slip into extended support, which costs six times as much: the control plane is upgraded instead.
  # https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
  upgrade_policy = { support_type = "STANDARD" }

  # The account, and not whoever applies: an operator and a workflow would take the key from each other in turn.
  kms_key_administrators = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]

  vpc_id     = var.vpc_id
  subnet_ids = var.private_subnet_ids

  # Nodes and pods use the private endpoint. The public one is for what is outside of the VPC, such as the runners
  # that deploy, and only as far as public_access_cidrs says.
  endpoint_private_access      = true
  endpoint_public_access       = length(var.public_access_cidrs) > 0
  endpoint_public_access_cidrs = length(var.public_access_cidrs) > 0 ? var.public_access_cidrs : null

  # Who may do what is said here, not in the ConfigMap aws-auth.
  authentication_mode = "API"
  access_entries      = merge(local.admins, local.deployers)

  enabled_log_types                      = ["api", "audit", "authenticator"]
  cloudwatch_log_group_retention_in_days = var.log_retention_days
  deletion_protection                    = var.deletion_protection

  # Without these there is no network, no DNS and no node that gets ready: the module installs none by itself.
  addons = {
    coredns    = {}
    kube-proxy = {}
    vpc-cni = {
      before_compute = true
      configuration_values = jsonencode({
        # NetworkPolicies are only words without it.
        enableNetworkPolicy = "true"
      })
    }
    eks-pod-identity-agent = {
      before_compute = true
    }
  }

  eks_managed_node_groups = {
    main = {
      ami_type       = local.is_arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD"
      instance_types = [var.node_type]
      subnet_ids     = var.private_subnet_ids

      iam_role_name            = "${var.name}-node"
      iam_role_use_name_prefix = false

      min_size     = var.node_min_size
      max_size     = var.node_max_size
      desired_size = var.node_min_size

      # Pods cannot reach the credentials of their node: one hop is the node itself.
      metadata_options = {
        http_endpoint               = "enabled"
        http_tokens                 = "required"
        http_put_response_hop_limit = 1
      }

      block_device_mappings = {
        root = {
          device_name = "/dev/xvda"
          ebs = {
            volume_size           = 50
            volume_type           = "gp3"
            encrypted             = true
            delete_on_termination = true
          }
        }
      }

      update_config = {
        max_unavailable = 1
      }
    }
  }
}

# Pods have the security group of their node.
resource "aws_vpc_security_group_ingress_rule" "database" {
  description                  = "PostgreSQL from the nodes of ${var.name}"
  security_group_id            = var.database_security_group_id
  referenced_security_group_id = module.eks.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.database_port
  to_port                      = var.database_port
}
[% if redis %]

resource "aws_vpc_security_group_ingress_rule" "cache" {
  description                  = "The cache from the nodes of ${var.name}"
  security_group_id            = var.cache_security_group_id
  referenced_security_group_id = module.eks.node_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.cache_port
  to_port                      = var.cache_port
}
[% endif %]
