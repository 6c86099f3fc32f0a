variable "name" {
  description = "Name of the cluster"
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes; one at a time upwards, never back"
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.kubernetes_version))
    error_message = "Give a minor version, such as \"[= k8s_version =]\"."
  }
}

variable "namespace" {
  description = "Namespace of the application, the only one that deployments may write to"
  type        = string
}

variable "deploy_group" {
  description = "Group of those who deploy, for RBAC in the cluster"
  type        = string
}

variable "vpc_id" {
  description = "VPC of the cluster"
  type        = string
}

variable "private_subnet_ids" {
  description = "Private subnets, in at least two availability zones"
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "EKS needs subnets in at least two availability zones."
  }
}

variable "public_access_cidrs" {
  description = "Networks that may reach the API of the cluster from outside of the VPC; none closes the public endpoint"
  type        = list(string)
  default     = []
}

variable "admin_role_arns" {
  description = "Roles with all rights in the cluster, since they apply these files"
  type        = set(string)
  default     = []
}

variable "operator_role_arns" {
  description = "Roles of people with all rights in the cluster"
  type        = set(string)
  default     = []
}

variable "deploy_role_arns" {
  description = "Roles that deploy the application: they may write in its namespace"
  type        = set(string)
  default     = []
}

variable "node_type" {
  description = "Instance type of the nodes"
  type        = string
}

variable "node_min_size" {
  description = "Least number of nodes"
  type        = number
}

variable "node_max_size" {
  description = "Largest number of nodes"
  type        = number
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster"
  type        = bool
}

variable "log_retention_days" {
  description = "Days that the logs of the control plane are kept"
  type        = number
}

variable "database_security_group_id" {
  description = "Security group of the database"
  type        = string
}

variable "database_port" {
  description = "Port of the database"
  type        = number
}
[% if redis %]

variable "cache_security_group_id" {
  description = "Security group of the cache"
  type        = string
}

variable "cache_port" {
  description = "Port of the cache"
  type        = number
}
[% endif %]
