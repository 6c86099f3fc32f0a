# How long queues are is no metric of CloudWatch. Every minute a small task counts, and a filter makes a metric of what
# it says. The task is the newest revision of the worker with another command, so it has the image that is deployed.

resource "aws_cloudwatch_event_rule" "count" {
  name                = "${var.name}-queues"
  description         = "Count the messages that wait for the workers of ${var.name}"
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "count" {
  rule     = aws_cloudwatch_event_rule.count.name
  arn      = var.cluster_arn
  role_arn = aws_iam_role.count.arn

  # Without a revision, it is the newest.
  ecs_target {
    task_definition_arn = var.task_definition_arn
    task_count          = 1
    launch_type         = "FARGATE"

    network_configuration {
      subnets         = var.private_subnet_ids
      security_groups = [var.task_security_group_id]
    }
  }

  input = jsonencode({
    cpu    = "256"
    memory = "512"
    containerOverrides = [{
      name = "django"
      command = concat(
        [[= python =], "-c", local.count, "[= celery_app =]"],
        [for service, queues in var.queues : "${service}=${join(",", queues)}"],
      )
    }]
  })
}

resource "aws_iam_role" "count" {
  name        = "${length(var.name) <= 54 ? var.name : "${substr(var.name, 0, 45)}-${substr(sha1(var.name), 0, 8)}"}-queues"
  description = "Starts the task that counts"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "count" {
  name = "start-task"
  role = aws_iam_role.count.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Run"
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = [var.task_definition_arn, "${var.task_definition_arn}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
      },
      {
        Sid       = "Pass"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [var.task_role_arn, var.execution_role_arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_cloudwatch_log_metric_filter" "backlog" {
  name           = "${var.name}-backlog"
  log_group_name = "/ecs/${var.name}/worker"
  pattern        = "{ $.backlog >= 0 }"

  metric_transformation {
    namespace  = "${var.name}/celery"
    name       = "Backlog"
    value      = "$.backlog"
    dimensions = { Service = "$.service" }
  }
}
