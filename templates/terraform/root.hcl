# What every unit includes: where its state is, and its provider.
# The account is not in git: AWS_ACCOUNT_ID names it, and the provider refuses any other.

terragrunt_version_constraint = ">= 1.0"
terraform_version_constraint  = ">= 1.11.1"

locals {
  project    = "[= slug =]"
  region     = "[= region =]"
  account_id = get_env("AWS_ACCOUNT_ID")

  # environments/<environment>/<unit>
  environment = split("/", path_relative_to_include())[1]
}

remote_state {
  backend = "s3"

  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }

  config = {
    bucket  = "[= bucket =]"
    key     = "${path_relative_to_include()}/terraform.tfstate"
    region  = local.region
    encrypt = true

    # A lock file beside the state: no table is needed.
    # https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
    use_lockfile = true
  }
}

generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite_terragrunt"

  contents = <<-EOF
    provider "aws" {
      region              = "${local.region}"
      allowed_account_ids = ["${local.account_id}"]

      default_tags {
        tags = {
          Project     = "${local.project}"
          Environment = "${local.environment}"
          ManagedBy   = "terraform"
        }
      }
    }
  EOF
}
