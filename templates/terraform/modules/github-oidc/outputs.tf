output "provider_arn" {
  description = "GitHub, as a provider of identities: further roles trust it as well"
  value       = aws_iam_openid_connect_provider.github.arn
}

output "plan_role_arn" {
  description = "The role that plans"
  value       = aws_iam_role.plan.arn
}

output "apply_role_arn" {
  description = "The role that applies"
  value       = aws_iam_role.apply.arn
}
