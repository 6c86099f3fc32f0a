output "repository_url" {
  description = "What images are called, before the tag"
  value       = module.repository.repository_url
}

output "repository_name" {
  description = "Name of the repository"
  value       = module.repository.repository_name
}

output "repository_arn" {
  description = "What policies call it"
  value       = module.repository.repository_arn
}
