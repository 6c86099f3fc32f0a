output "service_name" {
  description = "The service of the web server"
  value       = module.web.name
}

output "migrate_task_family" {
  description = "The task definitions that migrate the database"
  value       = module.migrate.task_definition_family
}

output "container_name" {
  description = "The name of the container in every task definition"
  value       = local.container_name
}

output "alb_dns_name" {
  description = "The name that the domain is to be an alias of"
  value       = module.alb.dns_name
}

output "alb_zone_id" {
  description = "The zone of that name, for an alias in Route 53"
  value       = module.alb.zone_id
}
