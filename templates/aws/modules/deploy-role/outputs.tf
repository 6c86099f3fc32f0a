output "role_arn" {
  description = "The role that deploys"
  value       = aws_iam_role.deploy.arn
}

output "github_variables" {
  description = "The variables of the environment in GitHub, which the workflow reads"
  value = {
    AWS_DEPLOY_ROLE_ARN = aws_iam_role.deploy.arn
    AWS_REGION          = data.aws_region.current.region
    ECR_REPOSITORY      = var.image_repository_url
[% if ecs %]
    ECS_CLUSTER         = var.cluster_name
[% else %]
    EKS_CLUSTER         = var.cluster_name
[% endif %]
  }
}
