variable "name" {
  description = "The name of the environment in AWS; the role begins with it"
  type        = string
}

variable "environment" {
  description = "The environment of the repository whose jobs may assume the role"
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+$", var.environment))
    error_message = "The subjects of tokens have an environment as it is: letters, digits, hyphens and underscores."
  }
}

variable "repository" {
  description = "The repository, as owner/name"
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "The repository is owner/name."
  }
}

variable "owner_id" {
  description = "Number of its owner"
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.owner_id))
    error_message = "The number of the owner: gh api repos/OWNER/NAME --jq .owner.id"
  }
}

variable "repository_id" {
  description = "Its number"
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.repository_id))
    error_message = "The number of the repository: gh api repos/OWNER/NAME --jq .id"
  }
}

variable "provider_arn" {
  description = "GitHub, as a provider of identities"
  type        = string
}

variable "image_repository_arn" {
  description = "The repository of the images"
  type        = string
}

variable "image_repository_url" {
  description = "What images are called, before the tag"
  type        = string
}

variable "push_images" {
  description = "Whether jobs of this environment build images: one environment does, the others only run them"
  type        = bool
}

variable "cluster_name" {
  description = "The cluster that is deployed to"
  type        = string
}
[% if ecs %]

variable "service_names" {
  description = "The services that are moved to a new image"
  type        = list(string)

  validation {
    condition     = length(var.service_names) > 0 && alltrue([for name in var.service_names : can(regex("^[A-Za-z0-9_-]+$", name))])
    error_message = "Name the services: a pattern would cover others as well."
  }
}

variable "migrate_task_family" {
  description = "The task definitions that migrate the database"
  type        = string
}

variable "task_role_arns" {
  description = "The roles that tasks get: those of the application, and of what starts it"
  type        = list(string)

  validation {
    condition     = length(var.task_role_arns) > 0 && alltrue([for arn in var.task_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]+:role/[^*]+$", arn))])
    error_message = "Name the roles: a pattern would hand on others as well."
  }
}
[% else %]

variable "namespace" {
  description = "The namespace of the application"
  type        = string
}

variable "deploy_group" {
  description = "The group of Kubernetes of those who deploy, which the unit eks-addons gives its rights"
  type        = string
}
[% endif %]
