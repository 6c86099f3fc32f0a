output "address" {
  description = "Host of the database"
  value       = module.db.db_instance_address
}

output "port" {
  description = "Its port"
  value       = module.db.db_instance_port
}

output "database_name" {
  description = "Its name"
  value       = var.database_name
}

output "username" {
  description = "Who owns it"
  value       = var.username
}

output "security_group_id" {
  description = "The group that those who connect add a rule to"
  value       = aws_security_group.this.id
}

output "secret_arn" {
  description = "The secret with its password"
  value       = aws_secretsmanager_secret.this.arn
}
