output "arn" {
  description = "The cluster"
  value       = module.cluster.arn

  # Services cannot name capacity that is not attached yet.
  depends_on = [module.cluster]
}

output "name" {
  description = "The name of the cluster"
  value       = module.cluster.name
}

output "task_security_group_id" {
  description = "The security group of the tasks"
  value       = aws_security_group.tasks.id

  # Tasks that start before they can reach anything fail.
  depends_on = [aws_vpc_security_group_egress_rule.tasks]
}

output "task_role_arn" {
  description = "The role of the application"
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "The role that starts tasks"
  value       = aws_iam_role.execution.arn

  # Tasks that start before the role may read their secrets fail.
  depends_on = [aws_iam_role_policy.execution]
}
