terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//eks"
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
[% if oidc %]

dependency "github_oidc" {
  config_path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/shared/github-oidc"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    provider_arn   = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    plan_role_arn  = "arn:aws:iam::000000000000:role/mock-plan"
    apply_role_arn = "arn:aws:iam::000000000000:role/mock-apply"
  }
}
[% endif %]

inputs = {
  name               = local.env.name
  kubernetes_version = "[= k8s_version =]"
  namespace          = local.env.name
  deploy_group       = "[= slug =]-deploy"

  vpc_id             = dependency.vpc.outputs.vpc_id
  private_subnet_ids = dependency.vpc.outputs.private_subnet_ids
[% if oidc %]

  # It installs the controllers of the unit eks-addons. The role that plans has no business in the cluster: plans do
  # not refresh, and whoever pushes a branch would read every Secret.
  admin_role_arns = [dependency.github_oidc.outputs.apply_role_arn]
[% endif %]

  deletion_protection = local.env.deletion_protection
  log_retention_days  = local.env.log_retention_days

  database_security_group_id = dependency.rds.outputs.security_group_id
  database_port              = dependency.rds.outputs.port
[% if redis %]
  cache_security_group_id    = dependency.elasticache.outputs.security_group_id
  cache_port                 = dependency.elasticache.outputs.port
[% endif %]
}
