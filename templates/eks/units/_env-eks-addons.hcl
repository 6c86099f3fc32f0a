terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//eks-addons"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

dependency "vpc" {
  config_path = "${get_terragrunt_dir()}/../vpc"

  # So that everything can be planned before anything is there.
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    vpc_id                        = "vpc-00000000000000000"
    vpc_cidr_block                = "10.0.0.0/16"
    public_subnet_ids             = ["subnet-00000000000000001", "subnet-00000000000000002"]
    private_subnet_ids            = ["subnet-00000000000000003", "subnet-00000000000000004"]
    database_subnet_group_name    = "mock"
    elasticache_subnet_group_name = "mock"
  }
}

dependency "eks" {
  config_path = "${get_terragrunt_dir()}/../eks"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    cluster_name                       = "mock"
    cluster_endpoint                   = "https://mock.eks.amazonaws.com"
    cluster_certificate_authority_data = "bW9jaw=="
    oidc_provider_arn                  = "arn:aws:iam::000000000000:oidc-provider/mock.eks.amazonaws.com/id/MOCK"
    node_security_group_id             = "sg-00000000000000003"
  }
}

dependency "rds" {
  config_path = "${get_terragrunt_dir()}/../rds"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    address           = "mock.rds.amazonaws.com"
    port              = 5432
    database_name     = "mock"
    username          = "mock"
    security_group_id = "sg-00000000000000001"
    secret_arn        = "arn:aws:secretsmanager:[= region =]:000000000000:secret:mock"
  }
}
[% if redis %]

dependency "elasticache" {
  config_path = "${get_terragrunt_dir()}/../elasticache"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    primary_endpoint  = "mock.cache.amazonaws.com"
    port              = 6379
    security_group_id = "sg-00000000000000002"
    secret_arn        = "arn:aws:secretsmanager:[= region =]:000000000000:secret:mock"
  }
}
[% endif %]

dependency "secrets" {
  config_path = "${get_terragrunt_dir()}/../secrets"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    secret_arn  = "arn:aws:secretsmanager:[= region =]:000000000000:secret:mock"
    secret_name = "mock"
  }
}

dependency "s3" {
  config_path = "${get_terragrunt_dir()}/../s3"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    bucket_name = "mock"
    bucket_arn  = "arn:aws:s3:::mock"
  }
}

inputs = {
  name            = local.env.name
  namespace       = local.env.name
  service_account = "[= slug =]"
  deploy_group    = "[= slug =]-deploy"

  vpc_id = dependency.vpc.outputs.vpc_id

  cluster_name                       = dependency.eks.outputs.cluster_name
  cluster_endpoint                   = dependency.eks.outputs.cluster_endpoint
  cluster_certificate_authority_data = dependency.eks.outputs.cluster_certificate_authority_data
[% if identity == "irsa" %]
  oidc_provider_arn                  = dependency.eks.outputs.oidc_provider_arn
[% endif %]

  secret_arns = [
    dependency.rds.outputs.secret_arn,
[% if redis %]
    dependency.elasticache.outputs.secret_arn,
[% endif %]
    dependency.secrets.outputs.secret_arn,
  ]
  bucket_arns = [dependency.s3.outputs.bucket_arn]

  controller_replicas = local.env.production ? 2 : 1
}
