terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//rds"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

dependency "vpc" {
  config_path = "${get_terragrunt_dir()}/../vpc"

  # So that everything can be planned before the network is there.
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

inputs = {
  name              = local.env.name
  vpc_id            = dependency.vpc.outputs.vpc_id
  subnet_group_name = dependency.vpc.outputs.database_subnet_group_name

  # The major version alone: AWS keeps the minor one current.
  engine_version = "[= postgres =]"
  database_name  = "[= database =]"

  # What the application reads of the secret.
[% if password_key %]
  password_key = "[= password_key =]"
[% else %]
  url_key = "[= url_key =]"
[% endif %]

  # Raise it by one for a new password, then deploy: see the README.
  password_version = 1

  instance_class      = local.env.database_instance_class
  storage             = local.env.database_storage
  max_storage         = local.env.database_max_storage
  multi_az            = local.env.database_multi_az
  backup_days         = local.env.database_backup_days
  monitoring_interval = local.env.database_monitoring_interval
  deletion_protection = local.env.deletion_protection
  log_retention_days  = local.env.log_retention_days
}
