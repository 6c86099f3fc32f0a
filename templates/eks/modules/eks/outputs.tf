output "cluster_name" {
  description = "Name of the cluster, for aws eks update-kubeconfig"
  value       = module.eks.cluster_name
}

output "cluster_endpoint" {
  description = "Address of the API of the cluster"
  value       = module.eks.cluster_endpoint
}

output "cluster_certificate_authority_data" {
  description = "Certificate of the API of the cluster, in Base64"
  value       = module.eks.cluster_certificate_authority_data
}

output "oidc_provider_arn" {
  description = "Identity provider of the cluster, which roles of service accounts trust"
  value       = module.eks.oidc_provider_arn
}

output "node_security_group_id" {
  description = "Security group of the nodes and their pods"
  value       = module.eks.node_security_group_id
}
