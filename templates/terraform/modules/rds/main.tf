# No rule at all: the units of what may connect add theirs, by security group.
resource "aws_security_group" "this" {
  name_prefix = "${var.name}-database-"
  description = "PostgreSQL of ${var.name}"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-database"
  }

  lifecycle {
    create_before_destroy = true
  }
}

module "password" {
  source = "../password"
}

module "db" {
  source  = "terraform-aws-modules/rds/aws"
  version = "[= versions["rds"] =]"

  identifier = var.name

  engine               = "postgres"
  engine_version       = var.engine_version
  family               = "postgres${var.engine_version}"
  major_engine_version = var.engine_version
  instance_class       = var.instance_class

  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.storage
  max_allocated_storage = var.max_storage

  db_name  = var.database_name
  username = var.username
  port     = 5432

  # One password for the database and for the secret below, which is why both are here: it is a new one in each
  # run, and only kept when the version changes. AWS would rotate one of its own every 7 days, while containers
  # read secrets when they start.
  manage_master_user_password = false
  password_wo                 = module.password.value
  password_wo_version         = var.password_version

  db_subnet_group_name   = var.subnet_group_name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false

  parameters = [
    {
      name  = "rds.force_ssl"
      value = "1"
    },
  ]

  multi_az                         = var.multi_az
  backup_retention_period          = var.backup_days
  deletion_protection              = var.deletion_protection
  skip_final_snapshot              = !var.deletion_protection
  final_snapshot_identifier_prefix = "${var.name}-final"
  delete_automated_backups         = !var.deletion_protection
  copy_tags_to_snapshot            = true

  # Changes that need a restart wait for the maintenance window where it would be noticed.
  apply_immediately = !var.deletion_protection

  create_monitoring_role = var.monitoring_interval > 0
  monitoring_interval    = var.monitoring_interval
  monitoring_role_name   = "${var.name}-monitoring"

  create_cloudwatch_log_group            = true
  enabled_cloudwatch_logs_exports        = ["postgresql", "upgrade"]
  cloudwatch_log_group_retention_in_days = var.log_retention_days
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.name}/database"
  description             = "Password of the database of ${var.name}"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

locals {
  url = "postgres://${var.username}:${module.password.value}@${module.db.db_instance_address}:${module.db.db_instance_port}/${var.database_name}"
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id

  secret_string_wo = jsonencode(merge(
    var.password_key == null ? {} : { (var.password_key) = module.password.value },
    var.url_key == null ? {} : { (var.url_key) = local.url },
  ))
  secret_string_wo_version = var.password_version
}
