# What the deploy workflow is told.

output "cluster_name" {
  description = "The cluster"
  value       = module.cluster.name
}

output "web_service_name" {
  description = "The service of the web server"
  value       = module.web.service_name
}

output "worker_service_names" {
  description = "The services of the workers"
  value       = [% if workers %][for worker in module.worker : worker.service_name][% else %][][% endif %]

}

output "beat_service_name" {
  description = "The service of the scheduler[% if not beat %]: there is none[% endif %]"
  value       = [% if beat %]module.beat.service_name[% else %]null[% endif %]

}

output "migrate_task_family" {
  description = "The task definitions that migrate the database"
  value       = module.web.migrate_task_family
}

output "container_name" {
  description = "The name of the container in every task definition"
  value       = module.web.container_name
}

output "private_subnet_ids" {
  description = "Where tasks run"
  value       = var.private_subnet_ids
}

output "task_security_group_id" {
  description = "The security group of the tasks"
  value       = module.cluster.task_security_group_id
}

output "task_role_arn" {
  description = "The role of the application, which the deploy role may pass"
  value       = module.cluster.task_role_arn
}

output "execution_role_arn" {
  description = "The role that starts tasks, which the deploy role may pass"
  value       = module.cluster.execution_role_arn
}

output "alb_dns_name" {
  description = "The name that the domain is to be an alias of"
  value       = module.web.alb_dns_name
}

output "alb_zone_id" {
  description = "The zone of that name, for an alias in Route 53"
  value       = module.web.alb_zone_id
}
