terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//elasticache"
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
  subnet_group_name = dependency.vpc.outputs.elasticache_subnet_group_name
  engine            = "[= cache =]"

  # What the application reads of the secret, and the number of the database in each address.
  url_keys = {
[% set width = redis_keys | map("first") | map("length") | max %]
[% for key, number in redis_keys %]
    [= "%-*s" | format(width, key) =] = [= number =]
[% endfor %]
  }

  # Raise it by one for a new token, then deploy: see the README.
  token_version = 1

  node_type           = local.env.cache_node_type
  nodes               = local.env.cache_nodes
  snapshot_days       = local.env.cache_snapshot_days
  deletion_protection = local.env.deletion_protection
}
