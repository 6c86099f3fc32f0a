variable "name" {
  description = "What names begin with"
  type        = string
}

variable "environments" {
  description = "Environments of the repository whose jobs may change something"
  type        = list(string)

  validation {
    condition     = length(var.environments) > 0
    error_message = "Without an environment nobody could change anything."
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

variable "state_bucket" {
  description = "Bucket of the states"
  type        = string
}
