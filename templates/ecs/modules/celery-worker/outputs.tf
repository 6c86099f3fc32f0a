output "service_name" {
  description = "The service of the worker"
  value       = module.worker.name
}
