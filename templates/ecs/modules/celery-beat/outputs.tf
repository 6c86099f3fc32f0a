output "service_name" {
  description = "The service of the scheduler"
  value       = module.beat.name
}
