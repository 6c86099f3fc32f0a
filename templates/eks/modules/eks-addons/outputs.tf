output "namespace" {
  description = "Namespace of the application"
  value       = kubernetes_namespace_v1.app.metadata[0].name
}

output "app_role_arn" {
  description = "Role of AWS behind the service account of the application"
  value       = [= "module.app_role.arn" if identity == "irsa" else "module.app_identity.iam_role_arn" =]
}
