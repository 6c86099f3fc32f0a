terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//s3"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

inputs = {
  name                = local.env.name
  cors_origins        = local.env.media_cors_origins
  deletion_protection = local.env.deletion_protection
}
