data "aws_caller_identity" "current" {}

locals {
  # Names of buckets are unique in the world, and 63 characters at most.
  prefix = length(var.name) <= 44 ? var.name : "${trimsuffix(substr(var.name, 0, 35), "-")}-${substr(sha256(var.name), 0, 8)}"
}

# Nothing in it is public: the application hands out signed addresses.
module "bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "[= versions["s3-bucket"] =]"

  bucket        = "${local.prefix}-media-${data.aws_caller_identity.current.account_id}"
  force_destroy = !var.deletion_protection

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true

  attach_deny_insecure_transport_policy = true

  server_side_encryption_configuration = {
    rule = {
      apply_server_side_encryption_by_default = {
        sse_algorithm = "AES256"
      }
    }
  }

  versioning = {
    enabled = true
  }

  lifecycle_rule = [
    {
      id      = "old-versions"
      enabled = true

      noncurrent_version_expiration = {
        days = 90
      }

      abort_incomplete_multipart_upload_days = 7
    },
  ]

  cors_rule = length(var.cors_origins) == 0 ? [] : [
    {
      allowed_origins = var.cors_origins
      allowed_methods = ["GET", "HEAD", "POST", "PUT"]
      allowed_headers = ["*"]
      expose_headers  = ["ETag"]
      max_age_seconds = 3600
    },
  ]
}
