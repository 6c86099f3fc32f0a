variable "name" {
  description = "Name of the instance, and what other names begin with"
  type        = string
}

variable "vpc_id" {
  description = "The network"
  type        = string
}

variable "subnet_group_name" {
  description = "The subnets of the network that are for databases"
  type        = string
}

variable "engine_version" {
  description = "Major version of PostgreSQL"
  type        = string

  validation {
    condition     = can(regex("^[1-9][0-9]$", var.engine_version))
    error_message = "A major version, such as 18: a minor one would differ from what AWS upgrades to."
  }
}

variable "database_name" {
  description = "The database to create"
  type        = string
}

variable "username" {
  description = "Who owns it"
  type        = string
  default     = "django"
}

variable "password_key" {
  description = "Key of the secret that holds the password"
  type        = string
  default     = null
}

variable "url_key" {
  description = "Key of the secret that holds the whole address, where the application reads that"
  type        = string
  default     = null

  validation {
    condition     = var.url_key != null || var.password_key != null
    error_message = "Either password_key or url_key is needed: nobody could connect."
  }
}

variable "password_version" {
  description = "A new password is set when it changes"
  type        = number
  default     = 1
}

variable "instance_class" {
  description = "Size of the instance"
  type        = string
}

variable "storage" {
  description = "Storage at the beginning, in GiB"
  type        = number
}

variable "max_storage" {
  description = "Storage that it may grow to by itself, in GiB"
  type        = number
}

variable "multi_az" {
  description = "Keep a standby in another zone"
  type        = bool
}

variable "backup_days" {
  description = "How long backups are kept"
  type        = number
}

variable "monitoring_interval" {
  description = "Seconds between measurements of the operating system; 0 for none"
  type        = number
}

variable "deletion_protection" {
  description = "Refuse deletion, and keep a last snapshot"
  type        = bool
}

variable "log_retention_days" {
  description = "How long logs are kept"
  type        = number
}
