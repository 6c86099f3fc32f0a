variable "name" {
  description = "The name of the cluster; roles, logs and security groups begin with it"
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the tasks"
  type        = string
}

variable "database_security_group_id" {
  description = "The security group of the database, which lets the tasks in"
  type        = string
}

variable "database_port" {
  description = "The port of the database"
  type        = number
}
[% if cache %]

variable "cache_security_group_id" {
  description = "The security group of the cache, which lets the tasks in"
  type        = string
}

variable "cache_port" {
  description = "The port of the cache"
  type        = number
}
[% endif %]

variable "repository_arn" {
  description = "The repository of the images"
  type        = string
}

variable "secret_arns" {
  description = "The secrets that tasks are started with; the execution role can read no other"
  type        = list(string)
}

variable "secret_kms_key_arns" {
  description = "The keys of your own that the secrets are encrypted with"
  type        = list(string)
  default     = []
}
[% if bucket %]

variable "media_bucket_arn" {
  description = "The bucket of the uploads"
  type        = string
}
[% endif %]

variable "enable_execute_command" {
  description = "Whether people may open a shell in running tasks"
  type        = bool
}

variable "container_insights" {
  description = "Whether CloudWatch collects metrics of every task, which it charges for"
  type        = bool
}

variable "log_retention_days" {
  description = "How long logs are kept"
  type        = number
}
