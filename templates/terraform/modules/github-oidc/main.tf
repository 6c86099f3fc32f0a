# Workflows of one repository get short-lived credentials by who they are: no key is kept anywhere.
# https://docs.github.com/actions/reference/security/oidc

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  owner     = split("/", var.repository)[0]
  name      = split("/", var.repository)[1]
  iam       = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}"
  issuer    = "token.actions.githubusercontent.com"
  state_arn = "arn:${data.aws_partition.current.partition}:s3:::${var.state_bucket}"

  # Repositories since July 2026 name themselves with their numbers as well, older ones by name alone. Names can be
  # taken by others once they are given up; numbers cannot.
  subjects = [
    "repo:${var.repository}",
    "repo:${local.owner}@${var.owner_id}/${local.name}@${var.repository_id}",
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Plans of pull requests.

data "aws_iam_policy_document" "plan_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = [for subject in local.subjects : "${subject}:pull_request"]
    }
  }
}

resource "aws_iam_role" "plan" {
  name               = "${var.name}-github-plan"
  description        = "Plans changes of the infrastructure for pull requests"
  assume_role_policy = data.aws_iam_policy_document.plan_trust.json
}

resource "aws_iam_role_policy_attachment" "plan" {
  role       = aws_iam_role.plan.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/ReadOnlyAccess"
}

# Of what is stored, a plan needs the state alone. Values of secrets are not part of ReadOnlyAccess.
data "aws_iam_policy_document" "plan" {
  statement {
    sid           = "NoObjectsButTheState"
    effect        = "Deny"
    actions       = ["s3:GetObject*"]
    not_resources = ["${local.state_arn}/*"]
  }

  statement {
    sid           = "NoParametersButThoseOfAws"
    effect        = "Deny"
    actions       = ["ssm:GetParameter*"]
    not_resources = ["arn:${data.aws_partition.current.partition}:ssm:*::parameter/aws/service/*"]
  }

  statement {
    sid       = "NoSecretsNoLogsNoRows"
    effect    = "Deny"
    resources = ["*"]
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:StartQuery",
      "secretsmanager:GetSecretValue",
    ]
  }
}

resource "aws_iam_role_policy" "plan" {
  name   = "limits"
  role   = aws_iam_role.plan.id
  policy = data.aws_iam_policy_document.plan.json
}

# Changes, from jobs of the environments alone: their rules say who approves, and from which branch.

data "aws_iam_policy_document" "apply_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values = flatten([
        for subject in local.subjects : [
          for environment in var.environments : "${subject}:environment:${environment}"
        ]
      ])
    }
  }
}

resource "aws_iam_role" "apply" {
  name               = "${var.name}-github-apply"
  description        = "Changes the infrastructure, from jobs of the environments"
  assume_role_policy = data.aws_iam_policy_document.apply_trust.json
}

# Everything but IAM, accounts and organizations.
resource "aws_iam_role_policy_attachment" "apply" {
  role       = aws_iam_role.apply.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/PowerUserAccess"
}

# Of IAM, what carries the name of the project, but for the roles in this file.
data "aws_iam_policy_document" "apply" {
  statement {
    sid       = "Read"
    resources = ["*"]
    actions   = ["iam:Get*", "iam:List*"]
  }

  statement {
    sid       = "Roles"
    resources = ["${local.iam}:role/${var.name}-*"]
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PassRole",
      "iam:PutRolePolicy",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
  }

  statement {
    sid       = "Policies"
    resources = ["${local.iam}:policy/${var.name}-*"]
    actions = [
      "iam:CreatePolicy",
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:SetDefaultPolicyVersion",
      "iam:TagPolicy",
      "iam:UntagPolicy",
    ]
  }

  statement {
    sid       = "IdentitiesOfClusters"
    resources = ["${local.iam}:oidc-provider/oidc.eks.*"]
    actions = [
      "iam:AddClientIDToOpenIDConnectProvider",
      "iam:CreateOpenIDConnectProvider",
      "iam:DeleteOpenIDConnectProvider",
      "iam:RemoveClientIDFromOpenIDConnectProvider",
      "iam:TagOpenIDConnectProvider",
      "iam:UntagOpenIDConnectProvider",
      "iam:UpdateOpenIDConnectProviderThumbprint",
    ]
  }

  statement {
    sid       = "NotItself"
    effect    = "Deny"
    resources = ["${local.iam}:role/${var.name}-github-*"]
    actions = [
      "iam:AttachRolePolicy",
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PassRole",
      "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
  }
}

resource "aws_iam_role_policy" "apply" {
  name   = "iam"
  role   = aws_iam_role.apply.id
  policy = data.aws_iam_policy_document.apply.json
}
