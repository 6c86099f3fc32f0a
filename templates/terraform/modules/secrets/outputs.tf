output "secret_arn" {
  description = "The secret of the application"
  value       = aws_secretsmanager_secret.this.arn
}

output "secret_name" {
  description = "Its name"
  value       = aws_secretsmanager_secret.this.name
}
