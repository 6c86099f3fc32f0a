output "primary_endpoint" {
  description = "Host of the cache"
  value       = module.cache.replication_group_primary_endpoint_address
}

output "port" {
  description = "Its port"
  value       = 6379
}

output "security_group_id" {
  description = "The group that those who connect add a rule to"
  value       = aws_security_group.this.id
}

output "secret_arn" {
  description = "The secret with its address and token"
  value       = aws_secretsmanager_secret.this.arn
}
