variable "name" {
  description = "Beginning of the names of roles"
  type        = string
}

variable "vpc_id" {
  description = "VPC of the cluster"
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster"
  type        = string
}

variable "cluster_endpoint" {
  description = "Address of the API of the cluster"
  type        = string
}

variable "cluster_certificate_authority_data" {
  description = "Certificate of the API of the cluster, in Base64"
  type        = string
}
[% if identity == "irsa" %]

variable "oidc_provider_arn" {
  description = "Identity provider of the cluster"
  type        = string
}
[% endif %]

variable "namespace" {
  description = "Namespace of the application"
  type        = string
}

variable "service_account" {
  description = "Service account of the application"
  type        = string
}

variable "deploy_group" {
  description = "Group of those who deploy, as the access entries of the cluster name it"
  type        = string
}

variable "secret_arns" {
  description = "Secrets of the application in Secrets Manager"
  type        = list(string)

  validation {
    condition     = length(var.secret_arns) > 0 && !contains(var.secret_arns, "*")
    error_message = "Name the secrets of the application, not all there are."
  }
}

variable "bucket_arns" {
  description = "Buckets that the application reads and writes"
  type        = list(string)
}

variable "controller_replicas" {
  description = "Pods of each controller"
  type        = number
}
