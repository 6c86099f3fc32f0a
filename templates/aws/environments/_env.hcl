terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//deploy-role"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

dependency "github_oidc" {
  config_path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/shared/github-oidc"

  # So that everything can be planned before anything is there.
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    provider_arn   = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    plan_role_arn  = "arn:aws:iam::000000000000:role/mock"
    apply_role_arn = "arn:aws:iam::000000000000:role/mock"
  }
}

dependency "ecr" {
  config_path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/shared/ecr"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    repository_url  = "000000000000.dkr.ecr.[= region =].amazonaws.com/mock"
    repository_name = "mock"
    repository_arn  = "arn:aws:ecr:[= region =]:000000000000:repository/mock"
  }
}
[% if ecs %]

dependency "ecs" {
  config_path = "${get_terragrunt_dir()}/../ecs"

  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
    cluster_name           = "mock"
    web_service_name       = "mock-web"
    worker_service_names   = [[% if worker %]"mock-worker"[% endif %]]
    beat_service_name      = [% if beat %]"mock-beat"[% else %]null[% endif %]

    migrate_task_family    = "mock-migrate"
    container_name         = "django"
    private_subnet_ids     = ["subnet-00000000000000003", "subnet-00000000000000004"]
    task_security_group_id = "sg-00000000000000001"
    task_role_arn          = "arn:aws:iam::000000000000:role/mock-task"
    execution_role_arn     = "arn:aws:iam::000000000000:role/mock-execution"
    alb_dns_name           = "mock.elb.amazonaws.com"
    alb_zone_id            = "MOCK"
  }
}
[% else %]

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
[% endif %]

inputs = {
  name        = local.env.name
  environment = local.env.environment

  # GitHub sets these in workflows; the README says how to set them elsewhere.
  repository    = get_env("GITHUB_REPOSITORY")
  repository_id = get_env("GITHUB_REPOSITORY_ID")
  owner_id      = get_env("GITHUB_REPOSITORY_OWNER_ID")
  provider_arn  = dependency.github_oidc.outputs.provider_arn

  image_repository_arn = dependency.ecr.outputs.repository_arn
  image_repository_url = dependency.ecr.outputs.repository_url
  # Images are built once, by jobs of the first environment.
  push_images = local.env.environment == "[= first =]"

[% if ecs %]
  cluster_name        = dependency.ecs.outputs.cluster_name
  migrate_task_family = dependency.ecs.outputs.migrate_task_family
  service_names = compact(concat(
    dependency.ecs.outputs.worker_service_names,
    [dependency.ecs.outputs.web_service_name, dependency.ecs.outputs.beat_service_name],
  ))
  task_role_arns = [dependency.ecs.outputs.task_role_arn, dependency.ecs.outputs.execution_role_arn]
[% else %]
  cluster_name = dependency.eks.outputs.cluster_name
  namespace    = local.env.name
  deploy_group = "[= slug =]-deploy"
[% endif %]
}
