[% import "ecs/modules/container.jinja" as container with context %]
# The web server, and the task that migrates the database. The load balancer is in load_balancer.tf.

locals {
  container_name = "django"
  container_port = [= port =] # [= web.where =]
[% if server %]

  # What the server itself reads.
  environment = {
[% for line in server %]
    [= line =]
[% endfor %]
  }
[% endif %]
}

module "web" {
  source  = "terraform-aws-modules/ecs/aws//modules/service"
  version = "[= versions["ecs"] =]"

  name        = "${var.name}-web"
  cluster_arn = var.cluster_arn

[= container.revisions() =]

  cpu    = var.cpu
  memory = var.memory
  runtime_platform = {
    cpu_architecture        = var.cpu_architecture
    operating_system_family = "LINUX"
  }
  capacity_provider_strategy = {
    on_demand = { capacity_provider = "FARGATE", weight = 1 }
  }

  # New tasks are there before old ones go; if they do not come up, the old ones stay.
  desired_count                      = var.min_tasks
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  deployment_circuit_breaker         = { enable = true, rollback = true }
  availability_zone_rebalancing      = "ENABLED"
  # It collects static files before it listens.
  health_check_grace_period_seconds = 120
  propagate_tags                    = "SERVICE"
  enable_execute_command            = var.enable_execute_command

  container_definitions = {
    (local.container_name) = {
      image     = var.image
      essential = true
      command   = [= web.command =]

[= container.environment(server) =]

      portMappings = [
        {
          name          = "http"
          containerPort = local.container_port
          hostPort      = local.container_port
          protocol      = "tcp"
        },
      ]

      # Without the database, so that tasks are not replaced because that is away.
      healthCheck = {
        command = [
          "CMD",
          "python",
          "-c",
          "[= ask =]",
        ]
        interval    = 30
        timeout     = 5
        retries     = 3
        startPeriod = 120
      }
      # After the load balancer has drained a task, [= web.program =] has this long to finish.
      stopTimeout = 45

[= container.files(mounts, "") =]

[= container.logs("web") =]
    }
  }

  load_balancer = {
    web = {
      target_group_arn = terraform_data.target_group.output
      container_name   = local.container_name
      container_port   = local.container_port
    }
  }

[= container.roles() =]

[= container.network() =]

  enable_autoscaling       = true
  autoscaling_min_capacity = var.min_tasks
  autoscaling_max_capacity = var.max_tasks
  autoscaling_policies = {
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
    # Requests that wait for the database need no CPU.
    requests = {
      policy_type = "TargetTrackingScaling"
      target_tracking_scaling_policy_configuration = {
        target_value       = var.requests_per_task
        scale_in_cooldown  = 300
        scale_out_cooldown = 60
        predefined_metric_specification = {
          predefined_metric_type = "ALBRequestCountPerTarget"
          resource_label         = "${module.alb.arn_suffix}/${module.alb.target_groups["web"].arn_suffix}"
        }
      }
    }
  }
}

# No service: the deploy workflow runs one task of it, and goes on if that ends well.
module "migrate" {
  source  = "terraform-aws-modules/ecs/aws//modules/service"
  version = "[= versions["ecs"] =]"

  name           = "${var.name}-migrate"
  cluster_arn    = var.cluster_arn
  create_service = false
  track_latest   = false
  skip_destroy   = true

  cpu    = var.cpu
  memory = var.memory
  runtime_platform = {
    cpu_architecture        = var.cpu_architecture
    operating_system_family = "LINUX"
  }

  container_definitions = {
    (local.container_name) = {
      image     = var.image
      essential = true
      command   = [= migrate.command =]

[= container.environment(False) =]

      # By default, the module has containers started again when they end after five minutes or more.
      restartPolicy = { enabled = false }
      stopTimeout   = 120

[= container.files(migrate_mounts, "") =]

[= container.logs("migrate") =]
    }
  }

[= container.roles() =]

[= container.network() =]
}
