locals {
  # Version and parameter family of an engine belong together.
  engines = {
    valkey = { version = "8.1", family = "valkey8" }
    redis  = { version = "7.1", family = "redis7" }
  }
  engine = local.engines[var.engine]

  # AWS takes 40 characters.
  id = length(var.name) <= 40 ? var.name : "${trimsuffix(substr(var.name, 0, 31), "-")}-${substr(sha256(var.name), 0, 8)}"
}

# No rule at all: the units of what may connect add theirs, by security group.
resource "aws_security_group" "this" {
  name_prefix = "${var.name}-cache-"
  description = "Cache of ${var.name}"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-cache"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# The provider has no write-only argument for it, so it is in the state, which is encrypted.
resource "random_password" "token" {
  length  = 64
  special = false

  keepers = {
    version = var.token_version
  }
}

module "cache" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "[= versions["elasticache"] =]"

  replication_group_id = local.id
  description          = "Cache and broker of ${var.name}"

  engine         = var.engine
  engine_version = local.engine.version
  node_type      = var.node_type
  port           = 6379

  # One shard: Celery moves tasks between keys, which cluster mode refuses (CROSSSLOT).
  # https://github.com/celery/celery/issues/9019
  cluster_mode_enabled       = false
  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1

  transit_encryption_enabled = true
  at_rest_encryption_enabled = true

  # The one before stays valid until the next, so that what runs keeps running.
  auth_token                 = random_password.token.result
  auth_token_update_strategy = "ROTATE"

  create_subnet_group   = false
  subnet_group_name     = var.subnet_group_name
  create_security_group = false
  security_group_ids    = [aws_security_group.this.id]

  # A full cache refuses to write instead of throwing away what is in it: tasks that wait, for example.
  create_parameter_group = true
  parameter_group_name   = "${local.id}-${local.engine.family}"
  parameter_group_family = local.engine.family
  parameters = [
    {
      name  = "maxmemory-policy"
      value = "noeviction"
    },
  ]

  snapshot_retention_limit  = var.snapshot_days
  final_snapshot_identifier = var.deletion_protection ? "${local.id}-final" : null
  apply_immediately         = !var.deletion_protection
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.name}/cache"
  description             = "Address of the cache of ${var.name}, with its token"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

locals {
  # Celery asks for ssl_cert_reqs with rediss://, and others understand it.
  # https://docs.celeryq.dev/en/stable/userguide/configuration.html#redis-backend-settings
  url  = "rediss://:${random_password.token.result}@${module.cache.replication_group_primary_endpoint_address}:6379"
  urls = { for key, number in var.url_keys : key => "${local.url}/${number}?ssl_cert_reqs=required" }
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = jsonencode(local.urls)
  secret_string_wo_version = var.token_version
}
