# What the cluster needs before the application can be deployed: its namespace, the roles of AWS behind service
# accounts, and the controllers that the manifests count on.

data "aws_region" "current" {}

# Deployments may write in this namespace, but not make or change it.
resource "kubernetes_namespace_v1" "app" {
  metadata {
    name = var.namespace
    labels = {
      # A pod counts as ready when its load balancer says so: no gap while a deployment rolls out.
      # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate/
      "elbv2.k8s.aws/pod-readiness-gate-inject" = "enabled"
      # https://kubernetes.io/docs/concepts/security/pod-security-standards/
      "pod-security.kubernetes.io/enforce" = "restricted"
      "pod-security.kubernetes.io/warn"    = "restricted"
    }
  }
}

# The access policies of EKS know the kinds of Kubernetes only. The ClusterRole "edit" has been given those of
# External Secrets as well, by its chart.
resource "kubernetes_role_binding_v1" "deploy" {
  metadata {
    name      = "deploy"
    namespace = kubernetes_namespace_v1.app.metadata[0].name
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = var.deploy_group
  }
}

locals {
[% if identity == "irsa" %]
  app_permissions = length(var.bucket_arns) == 0 ? null : {
    Objects = {
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = [for arn in var.bucket_arns : "${arn}/*"]
    }
    Bucket = {
      actions   = ["s3:ListBucket"]
      resources = var.bucket_arns
    }
  }
[% else %]
  app_permissions = length(var.bucket_arns) == 0 ? null : [
    {
      sid       = "Objects"
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = [for arn in var.bucket_arns : "${arn}/*"]
    },
    {
      sid       = "Bucket"
      actions   = ["s3:ListBucket"]
      resources = var.bucket_arns
    },
  ]
[% endif %]
}

[% if identity == "irsa" %]
# The service account of the application: its bucket, and its secrets, which External Secrets reads in its name.
module "app_role" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "[= versions["iam"] =]"

  # The manifests name it, so it has no random suffix.
  name            = "${var.name}-app"
  policy_name     = "${var.name}-app"
  use_name_prefix = false

  # The secrets of this application, not all there are.
  attach_external_secrets_policy        = true
  external_secrets_secrets_manager_arns = var.secret_arns

  permissions = local.app_permissions

  oidc_providers = {
    cluster = {
      provider_arn               = var.oidc_provider_arn
      namespace_service_accounts = ["${var.namespace}:${var.service_account}"]
    }
  }
}

module "load_balancer_controller_role" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts"
  version = "[= versions["iam"] =]"

  name            = "${var.name}-ingress"
  policy_name     = "${var.name}-ingress"
  use_name_prefix = false

  attach_load_balancer_controller_policy = true

  oidc_providers = {
    cluster = {
      provider_arn               = var.oidc_provider_arn
      namespace_service_accounts = ["kube-system:aws-load-balancer-controller"]
    }
  }
}
[% else %]
# The service account of the application: its bucket.
module "app_identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "[= versions["eks-pod-identity"] =]"

  name               = "${var.name}-app"
  policy_name_prefix = "${var.name}-"
  use_name_prefix    = false

  attach_custom_policy = local.app_permissions != null
  policy_statements    = local.app_permissions

  associations = {
    app = {
      cluster_name    = var.cluster_name
      namespace       = var.namespace
      service_account = var.service_account
    }
  }
}

# External Secrets reads the secrets as itself: with Pod Identity it cannot borrow the identity of the application.
# https://external-secrets.io/latest/provider/aws-access/
module "external_secrets_identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "[= versions["eks-pod-identity"] =]"

  name               = "${var.name}-secrets"
  policy_name_prefix = "${var.name}-"
  use_name_prefix    = false

  attach_external_secrets_policy        = true
  external_secrets_secrets_manager_arns = var.secret_arns

  associations = {
    controller = {
      cluster_name    = var.cluster_name
      namespace       = "external-secrets"
      service_account = "external-secrets"
    }
  }
}

module "load_balancer_controller_identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "[= versions["eks-pod-identity"] =]"

  name               = "${var.name}-ingress"
  policy_name_prefix = "${var.name}-"
  use_name_prefix    = false

  attach_aws_lb_controller_policy = true

  associations = {
    controller = {
      cluster_name    = var.cluster_name
      namespace       = "kube-system"
      service_account = "aws-load-balancer-controller"
    }
  }
}
[% endif %]

# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/installation/
resource "helm_release" "load_balancer_controller" {
  name       = "aws-load-balancer-controller"
  namespace  = "kube-system"
  repository = "[= charts["aws-load-balancer-controller"].repository =]"
  chart      = "aws-load-balancer-controller"
  version    = "[= charts["aws-load-balancer-controller"].version =]"

  set = [
    { name = "clusterName", value = var.cluster_name },
    # It would ask the metadata of its node for these two, and pods cannot reach that.
    { name = "region", value = data.aws_region.current.region },
    { name = "vpcId", value = var.vpc_id },
    { name = "replicaCount", value = tostring(var.controller_replicas) },
    { name = "serviceAccount.create", value = "true" },
    { name = "serviceAccount.name", value = "aws-load-balancer-controller" },
[% if identity == "irsa" %]
    {
      name  = "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"
      value = module.load_balancer_controller_role.arn
    },
[% endif %]
    # It is here for Ingresses. Its webhook for Services would stop every one of them while it is down.
    { name = "enableServiceMutatorWebhook", value = "false" },
  ]
[% if identity == "pod-identity" %]

  # A pod that starts before its association has no identity until it is started again.
  depends_on = [module.load_balancer_controller_identity]
[% endif %]
}

# https://external-secrets.io/latest/introduction/getting-started/
resource "helm_release" "external_secrets" {
  name             = "external-secrets"
  namespace        = "external-secrets"
  create_namespace = true
  repository       = "[= charts["external-secrets"].repository =]"
  chart            = "external-secrets"
  version          = "[= charts["external-secrets"].version =]"

  set = [
    { name = "installCRDs", value = "true" },
    { name = "replicaCount", value = tostring(var.controller_replicas) },
    { name = "leaderElect", value = "true" },
    { name = "webhook.replicaCount", value = tostring(var.controller_replicas) },
  ]
[% if identity == "pod-identity" %]

  depends_on = [module.external_secrets_identity]
[% endif %]
}

# The HorizontalPodAutoscaler asks it how busy pods are.
resource "helm_release" "metrics_server" {
  name       = "metrics-server"
  namespace  = "kube-system"
  repository = "[= charts["metrics-server"].repository =]"
  chart      = "metrics-server"
  version    = "[= charts["metrics-server"].version =]"

  set = [
    { name = "replicas", value = tostring(var.controller_replicas) },
  ]
}
