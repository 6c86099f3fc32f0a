# What jobs of one environment of the repository may do in AWS: deploy to it, and nothing else.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  owner      = split("/", var.repository)[0]
  repository = split("/", var.repository)[1]
  issuer     = "token.actions.githubusercontent.com"
  where      = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
[% if ecs %]

  ecs         = "arn:${data.aws_partition.current.partition}:ecs:${local.where}"
  cluster_arn = "${local.ecs}:cluster/${var.cluster_name}"
[% else %]

  cluster_arn = "arn:${data.aws_partition.current.partition}:eks:${local.where}:cluster/${var.cluster_name}"
[% endif %]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    # Repositories since July 2026 name themselves with their numbers as well, older ones by name alone. A job with an
    # environment is known by that: the rules of the environment say from which branches it runs, and who approves.
    # https://docs.github.com/actions/reference/security/oidc
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values = [
        "repo:${var.repository}:environment:${var.environment}",
        "repo:${local.owner}@${var.owner_id}/${local.repository}@${var.repository_id}:environment:${var.environment}",
      ]
    }
  }
}

resource "aws_iam_role" "deploy" {
  name               = "${var.name}-deploy"
  description        = "Deploys to ${var.name}, from jobs of the environment ${var.environment}"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  # Migrations may take an hour, and the services come after them.
  max_session_duration = 7200
}

data "aws_iam_policy_document" "deploy" {
  # It knows no resources.
  statement {
    sid       = "LogIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "FindImages"
    actions   = ["ecr:DescribeImages"]
    resources = [var.image_repository_arn]
  }

  dynamic "statement" {
    for_each = var.push_images ? [1] : []

    content {
      sid       = "PushImages"
      resources = [var.image_repository_arn]
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
    }
  }
[% if ecs %]

  # Neither knows resources. What a revision may be is limited by the roles it may name, below.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
  statement {
    sid       = "Revisions"
    actions   = ["ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"]
    resources = ["*"]
  }

  # Revisions keep the tags that Terraform gives them.
  statement {
    sid       = "TagRevisions"
    actions   = ["ecs:TagResource"]
    resources = [for name in concat(var.service_names, [var.migrate_task_family]) : "${local.ecs}:task-definition/${name}:*"]

    condition {
      test     = "StringEquals"
      variable = "ecs:CreateAction"
      values   = ["RegisterTaskDefinition"]
    }
  }

  statement {
    sid       = "HandOnRoles"
    actions   = ["iam:PassRole"]
    resources = var.task_role_arns

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "Migrate"
    actions   = ["ecs:RunTask"]
    resources = ["${local.ecs}:task-definition/${var.migrate_task_family}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }

  statement {
    sid       = "WaitForMigrations"
    actions   = ["ecs:DescribeTasks"]
    resources = ["${local.ecs}:task/${var.cluster_name}/*"]
  }

  # Neither knows resources of Fargate, but the cluster.
  statement {
    sid       = "FindServicesAndMigrations"
    actions   = ["ecs:ListServices", "ecs:ListTasks"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [local.cluster_arn]
    }
  }

  statement {
    sid       = "WatchServices"
    actions   = ["ecs:DescribeServices"]
    resources = ["${local.ecs}:service/${var.cluster_name}/*"]
  }

  statement {
    sid       = "MoveServices"
    actions   = ["ecs:UpdateService"]
    resources = [for name in var.service_names : "${local.ecs}:service/${var.cluster_name}/${name}"]
  }
[% else %]

  # What it may do within the cluster, Kubernetes says.
  statement {
    sid       = "FindCluster"
    actions   = ["eks:DescribeCluster"]
    resources = [local.cluster_arn]
  }
[% endif %]
}

resource "aws_iam_role_policy" "deploy" {
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = data.aws_iam_policy_document.deploy.json
}
[% if not ecs %]

# In the cluster it may write in the namespace of the application. The group is for custom resources, which no access
# policy covers.
resource "aws_eks_access_entry" "deploy" {
  cluster_name      = var.cluster_name
  principal_arn     = aws_iam_role.deploy.arn
  kubernetes_groups = [var.deploy_group]
}

resource "aws_eks_access_policy_association" "deploy" {
  cluster_name  = var.cluster_name
  principal_arn = aws_eks_access_entry.deploy.principal_arn
  policy_arn    = "arn:${data.aws_partition.current.partition}:eks::aws:cluster-access-policy/AmazonEKSEditPolicy"

  access_scope {
    type       = "namespace"
    namespaces = [var.namespace]
  }
}
[% endif %]
