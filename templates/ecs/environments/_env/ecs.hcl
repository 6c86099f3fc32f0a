terraform {
  # The modules that it is made of are copied along.
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//ecs"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}
[% for unit in units %]

dependency "[= unit.name =]" {
  config_path = "${get_terragrunt_dir()}/[= unit.path =]"

[% if loop.first %]
  # So that everything can be planned before those are there.
[% endif %]
  mock_outputs_allowed_terraform_commands = ["init", "validate", "plan"]

  mock_outputs = {
[% for line in unit.mocks %]
    [= line =]
[% endfor %]
  }
}
[% endfor %]

inputs = {
  name = local.env.name

[% for line in answers %]
  [= line =]
[% endfor %]

  # Of every task of the web server[= " and of workers" if workers else "" =].
  cpu              = [= cpu =]
  memory           = [= memory =]
  cpu_architecture = "[= architecture =]"
[% if workers %]

  spot_workers = [= "true" if spot else "false" =]
[% endif %]

  deletion_protection = local.env.deletion_protection
  container_insights  = local.env.production
  log_retention_days  = local.env.log_retention_days
}
