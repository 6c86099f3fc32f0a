# The cluster of an environment, and what all of its tasks share: who they are (roles.tf), and whom they may
# talk to (network.tf).

module "cluster" {
  source  = "terraform-aws-modules/ecs/aws//modules/cluster"
  version = "[= versions["ecs"] =]"

  name = var.name

  # The module attaches none by itself. Nothing lands on Spot unless its service says so.
  cluster_capacity_providers = ["FARGATE", "FARGATE_SPOT"]
  default_capacity_provider_strategy = {
    FARGATE = { weight = 1 }
  }

  setting = [
    {
      name  = "containerInsights"
      value = var.container_insights ? "enabled" : "disabled"
    },
  ]

  # What is typed in sessions of ECS Exec.
  cloudwatch_log_group_name              = "/ecs/${var.name}/exec"
  cloudwatch_log_group_retention_in_days = var.log_retention_days
}
