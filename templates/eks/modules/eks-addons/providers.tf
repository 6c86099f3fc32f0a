# Both log in anew for each run: a token of EKS is good for 15 minutes only.
# This unit is apart from the one that makes the cluster, since a provider cannot be configured by what the same run
# has yet to create. https://developer.hashicorp.com/terraform/language/providers/configuration

locals {
  login = {
    api_version = "client.authentication.k8s.io/v1beta1"
    command     = "aws"
    args        = ["eks", "get-token", "--cluster-name", var.cluster_name, "--region", data.aws_region.current.region]
  }
}

provider "helm" {
  kubernetes = {
    host                   = var.cluster_endpoint
    cluster_ca_certificate = base64decode(var.cluster_certificate_authority_data)
    exec                   = local.login
  }
}

provider "kubernetes" {
  host                   = var.cluster_endpoint
  cluster_ca_certificate = base64decode(var.cluster_certificate_authority_data)

  exec {
    api_version = local.login.api_version
    command     = local.login.command
    args        = local.login.args
  }
}
