[% import "ecs/modules/container.jinja" as container with context %]
# The scheduler of Celery. Two of them would send everything twice, so there is never more than one.

module "beat" {
  source  = "terraform-aws-modules/ecs/aws//modules/service"
  version = "[= versions["ecs"] =]"

  name        = "${var.name}-beat"
  cluster_arn = var.cluster_arn

[= container.revisions() =]

  cpu    = var.cpu
  memory = var.memory
  runtime_platform = {
    cpu_architecture        = var.cpu_architecture
    operating_system_family = "LINUX"
  }
  # Not on Spot: while it is away, nothing is scheduled.
  capacity_provider_strategy = {
    on_demand = { capacity_provider = "FARGATE", weight = 1 }
  }

  # The old one stops before the new one starts. Rebalancing would start the new one first.
  desired_count                      = 1
  enable_autoscaling                 = false
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100
  deployment_circuit_breaker         = { enable = true, rollback = true }
  availability_zone_rebalancing      = "DISABLED"
  propagate_tags                     = "SERVICE"
  enable_execute_command             = var.enable_execute_command

  container_definitions = {
    django = {
      image     = var.image
      essential = true
      command   = [= beat.command =]

[= container.environment(False) =]

      # No health check: beat answers no ping. When it ends, so does the task, and ECS starts another.
      stopTimeout = 30

[= container.files(beat_mounts, beat_writable) =]

[= container.logs("beat") =]
    }
  }

[= container.roles() =]

[= container.network() =]
}
