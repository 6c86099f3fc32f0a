data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # Names of roles end after 64 characters.
  role = length(var.name) <= 54 ? var.name : "${substr(var.name, 0, 45)}-${substr(sha1(var.name), 0, 8)}"
}

# What ECS itself does before a task runs: it pulls the image, reads the secrets, opens the logs. The code of the
# application never has this role.
resource "aws_iam_role" "execution" {
  name        = "${local.role}-execution"
  description = "Starts the tasks of ${var.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "start-tasks"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          # It knows no resources.
          Sid      = "Login"
          Effect   = "Allow"
          Action   = "ecr:GetAuthorizationToken"
          Resource = "*"
        },
        {
          Sid    = "Pull"
          Effect = "Allow"
          Action = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
          ]
          Resource = var.repository_arn
        },
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/ecs/${var.name}/*"
        },
        {
          Sid      = "Secrets"
          Effect   = "Allow"
          Action   = "secretsmanager:GetSecretValue"
          Resource = var.secret_arns
        },
      ],
      # Secrets under the key of AWS need none of this; those under a key of your own do.
      length(var.secret_kms_key_arns) == 0 ? [] : [
        {
          Sid      = "Decrypt"
          Effect   = "Allow"
          Action   = "kms:Decrypt"
          Resource = var.secret_kms_key_arns
        },
      ],
    )
  })
}

# What the code of the application may do in AWS.
resource "aws_iam_role" "task" {
  name        = "${local.role}-task"
  description = "The application ${var.name}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      # Not on behalf of other accounts:
      # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account}:*" }
      }
    }]
  })
}
[% if bucket %]

resource "aws_iam_role_policy" "media" {
  name = "media"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Files"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = "${var.media_bucket_arn}/*"
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = var.media_bucket_arn
      },
    ]
  })
}
[% endif %]

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
resource "aws_iam_role_policy" "exec" {
  count = var.enable_execute_command ? 1 : 0

  name = "exec"
  role = aws_iam_role.task.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Session"
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid      = "FindLog"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${module.cluster.cloudwatch_log_group_arn}:*"
      },
    ]
  })
}
