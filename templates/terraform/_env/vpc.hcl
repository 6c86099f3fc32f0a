terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//vpc"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

inputs = {
  name               = local.env.name
  cidr               = local.env.vpc_cidr
  availability_zones = local.env.availability_zones
  single_nat_gateway = local.env.single_nat_gateway
  flow_logs          = local.env.flow_logs
  log_retention_days = local.env.log_retention_days
}
