variable "name" {
  description = "Name of the replication group, and what other names begin with"
  type        = string
}

variable "vpc_id" {
  description = "The network"
  type        = string
}

variable "subnet_group_name" {
  description = "The subnets of the network that are for caches"
  type        = string
}

variable "engine" {
  description = "valkey or redis"
  type        = string

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "The engine is valkey or redis."
  }
}

variable "url_keys" {
  description = "Keys of the secret that hold an address, and the number of the database in it"
  type        = map(number)

  validation {
    condition     = length(var.url_keys) > 0
    error_message = "Without a key nobody could connect."
  }
}

variable "token_version" {
  description = "A new token is made when it changes"
  type        = number
  default     = 1
}

variable "node_type" {
  description = "Size of a node"
  type        = string
}

variable "nodes" {
  description = "How many: with more than one, another takes over when the primary fails"
  type        = number
}

variable "snapshot_days" {
  description = "How long snapshots are kept; 0 for none"
  type        = number
}

variable "deletion_protection" {
  description = "Keep a last snapshot"
  type        = bool
}
