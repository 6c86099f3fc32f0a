[% import "ecs/modules/container.jinja" as container with context %]
# A worker of Celery. Each queue that needs tasks of its own has one.

locals {
  policies = {
    cpu = {
      policy_type = "TargetTrackingScaling"
      target_tracking_scaling_policy_configuration = {
        target_value       = 60
        scale_in_cooldown  = 300
        scale_out_cooldown = 60
        predefined_metric_specification = {
          predefined_metric_type = "ECSServiceAverageCPUUtilization"
        }
      }
    }
    backlog = {
      policy_type = "TargetTrackingScaling"
      target_tracking_scaling_policy_configuration = {
        target_value       = var.backlog_per_task
        scale_in_cooldown  = 300
        scale_out_cooldown = 60
        customized_metric_specification = {
          namespace   = var.backlog_namespace
          metric_name = "Backlog"
          statistic   = "Average"
          dimensions  = [{ name = "Service", value = var.service }]
        }
      }
    }
  }
}

module "worker" {
  source  = "terraform-aws-modules/ecs/aws//modules/service"
  version = "[= versions["ecs"] =]"

  name        = "${var.name}-${var.service}"
  cluster_arn = var.cluster_arn

[= container.revisions() =]

  cpu    = var.cpu
  memory = var.memory
  runtime_platform = {
    cpu_architecture        = var.cpu_architecture
    operating_system_family = "LINUX"
  }
  # With Spot, one task stays on capacity that nobody takes back.
  capacity_provider_strategy = var.spot ? {
    on_demand = { capacity_provider = "FARGATE", base = 1, weight = 0 }
    spot      = { capacity_provider = "FARGATE_SPOT", base = 0, weight = 1 }
    } : {
    on_demand = { capacity_provider = "FARGATE", base = 0, weight = 1 }
  }

  desired_count                      = var.min_tasks
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  deployment_circuit_breaker         = { enable = true, rollback = true }
  availability_zone_rebalancing      = "ENABLED"
  propagate_tags                     = "SERVICE"
  enable_execute_command             = var.enable_execute_command

  container_definitions = {
    django = {
      image     = var.image
      essential = true
      command   = var.command

[= container.environment(False) =]

[% if ping %]
      # Health checks do not pass through the entrypoint of the image by themselves.
      healthCheck = {
        command     = ["CMD-SHELL", [= ping =]]
        interval    = 60
        timeout     = 30
        retries     = 3
        startPeriod = 60
      }
[% endif %]
      # The worker takes nothing new and finishes what it has, for as long as Fargate allows.
[% if limit %]
      # Tasks may take [= limit =] seconds: [% if late %]those that are cut off are done again, being acknowledged late[% else %]acknowledge them late, or what is cut off is lost[% endif %].
[% endif %]
      stopTimeout = 120

[= container.files(worker_mounts, "") =]

[= container.logs("${var.service}") =]
    }
  }

[= container.roles() =]

[= container.network() =]

  # CPU alone stands in for what is not measured: how many messages wait. Workers that wait for others (mail, APIs) use
  # little of it however long the queue is.
  enable_autoscaling       = true
  autoscaling_min_capacity = var.min_tasks
  autoscaling_max_capacity = var.max_tasks
  autoscaling_policies = {
    for name, policy in local.policies : name => policy if name == "cpu" || var.backlog_namespace != null
  }
}
