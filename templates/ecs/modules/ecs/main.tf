# Everything of an environment that runs in ECS. The modules beside this one are its parts.
[% if counted %]

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
[% endif %]
[% if region and not counted %]

[% endif %]
[% if region or counted %]
data "aws_region" "current" {}
[% endif %]

locals {
  image = "${var.repository_url}:${var.image_tag}"

  # What every container is told: web server[= ", workers" if workers else "" =][= ", beat" if beat else "" =] and migrations read the same settings.
  environment = merge(
    {
[% for line in plain %]
      [= line =]
[% endfor %]
    },
[% if required %]
    var.required_environment,
[% endif %]
    var.extra_environment,
  )

  # Read once, when a container starts: after a change, deploy.
  secrets = {
[% for line in secrets %]
    [= line =]
[% endfor %]
  }
[% if workers %]

  workers = {
[% for worker in workers %]
    [= worker.name =] = [= worker.command =]
[% endfor %]
  }
[% if counted %]

  # What waits in these is what workers are scaled by.
  queues = {
[% for worker in workers %]
    [= worker.name =] = [= worker.queues =]
[% endfor %]
  }
  worker_family_arn = join(":", [
    "arn", data.aws_partition.current.partition, "ecs", data.aws_region.current.region,
    data.aws_caller_identity.current.account_id, "task-definition/${var.name}-worker",
  ])
[% endif %]
[% endif %]
}

module "cluster" {
  source = "../ecs-cluster"

  name                       = var.name
  vpc_id                     = var.vpc_id
  database_security_group_id = var.database_security_group_id
  database_port              = var.database_port
[% if cache %]
  cache_security_group_id    = var.cache_security_group_id
  cache_port                 = var.cache_port
[% endif %]
  repository_arn             = var.repository_arn
  secret_arns                = [[= secret_arns | join(", ") =]]
  secret_kms_key_arns        = var.secret_kms_key_arns
[% if bucket %]
  media_bucket_arn           = var.media_bucket_arn
[% endif %]
  enable_execute_command     = var.enable_execute_command
  container_insights         = var.container_insights
  log_retention_days         = var.log_retention_days
}
[% macro shared() %]
  cluster_arn            = module.cluster.arn
  image                  = local.image
  environment            = local.environment
  secrets                = local.secrets
  execution_role_arn     = module.cluster.execution_role_arn
  task_role_arn          = module.cluster.task_role_arn
  private_subnet_ids     = var.private_subnet_ids
  task_security_group_id = module.cluster.task_security_group_id
  cpu_architecture       = var.cpu_architecture
  enable_execute_command = var.enable_execute_command
  log_retention_days     = var.log_retention_days
[%- endmacro %]

module "web" {
  source = "../django-app"

  name                   = var.name
[= shared() =]

  cpu                 = var.cpu
  memory              = var.memory
  min_tasks           = var.min_tasks
  max_tasks           = var.max_tasks
  requests_per_task   = var.requests_per_task
  vpc_id              = var.vpc_id
  public_subnet_ids   = var.public_subnet_ids
  domain              = var.domain
  certificate_domain  = var.certificate_domain
  certificate_arn     = var.certificate_arn
  deletion_protection = var.deletion_protection
}
[% if workers %]

module "worker" {
  source   = "../celery-worker"
  for_each = local.workers

  name                   = var.name
  service                = each.key
  command                = each.value
[= shared() =]

  cpu       = var.cpu
  memory    = var.memory
  spot      = var.spot_workers
  min_tasks = var.min_workers
  max_tasks = var.max_workers
[% if counted %]

  backlog_namespace = var.scale_by_backlog ? "${var.name}/celery" : null
  backlog_per_task  = var.backlog_per_task
[% endif %]
}
[% endif %]
[% if counted %]

module "queues" {
  source = "../celery-queues"
  count  = var.scale_by_backlog ? 1 : 0

  name                   = var.name
  queues                 = local.queues
  task_definition_arn    = local.worker_family_arn
  account_id             = data.aws_caller_identity.current.account_id
  cluster_arn            = module.cluster.arn
  private_subnet_ids     = var.private_subnet_ids
  task_security_group_id = module.cluster.task_security_group_id
  task_role_arn          = module.cluster.task_role_arn
  execution_role_arn     = module.cluster.execution_role_arn

  # The log of the workers is what it looks at.
  depends_on = [module.worker]
}
[% endif %]
[% if beat %]

module "beat" {
  source = "../celery-beat"

  name                   = var.name
[= shared() =]

  cpu    = 256
  memory = 512
}
[% endif %]
