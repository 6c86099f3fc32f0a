variable "name" {
  description = "The name of the environment; everything in it begins with it"
  type        = string
}

variable "domain" {
  description = "The domain name of the site"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "Fill in the domain name of this environment, in lower case, without scheme and port."
  }
}

variable "certificate_domain" {
  description = "The domain name of the certificate, where it is another, such as *.example.com"
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "The certificate of the load balancer; without it, the newest that ACM has issued for its domain name"
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "The VPC"
  type        = string
}

variable "public_subnet_ids" {
  description = "Where the load balancer is"
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Where tasks run"
  type        = list(string)
}

variable "repository_url" {
  description = "The repository of the images"
  type        = string
}

variable "repository_arn" {
  description = "What policies call it"
  type        = string
}

variable "image_tag" {
  description = "The image of the first revisions. Nothing is pushed under this tag: tasks start with the first deploy"
  type        = string
  default     = "bootstrap"
}
[% for variable in inputs %]

variable "[= variable.name =]" {
  description = "[= variable.description =]"
  type        = [= variable.type =]
}
[% endfor %]

variable "secret_kms_key_arns" {
  description = "The keys of your own that the secrets are encrypted with"
  type        = list(string)
  default     = []
}
[% if required %]

# Nothing starts without these, and nobody but you knows them.
variable "required_environment" {
  description = "Variables that the settings read and have no default for"
  type = object({
[% for line in typed %]
    [= line =]
[% endfor %]
  })

  validation {
    condition     = alltrue([for value in values(var.required_environment) : trimspace(value) != ""])
    error_message = "Fill in every variable of required_environment."
  }
}
[% endif %]

variable "extra_environment" {
  description = "Further plain variables of all containers. Secrets do not belong here"
  type        = map(string)
  default     = {}
}

variable "cpu" {
  description = "The CPU of a task: 1024 is one core"
  type        = number
}

variable "memory" {
  description = "The memory of a task in MiB; Fargate has only some for each CPU"
  type        = number
}

variable "cpu_architecture" {
  description = "The processors that the image is built for: X86_64 or ARM64"
  type        = string

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "It is X86_64 or ARM64."
  }
}

variable "min_tasks" {
  description = "How many tasks of the web server there are at least"
  type        = number
}

variable "max_tasks" {
  description = "How many tasks of the web server there are at most"
  type        = number
}

variable "requests_per_task" {
  description = "How many requests a minute a task is to serve: there are more tasks when they serve more"
  type        = number
  default     = 600
}
[% if workers %]

variable "min_workers" {
  description = "How many tasks of each worker there are at least"
  type        = number
}

variable "max_workers" {
  description = "How many tasks of each worker there are at most"
  type        = number
}

[% if counted %]
variable "scale_by_backlog" {
  description = "Whether a task counts the messages that wait, so that workers are scaled by that as well"
  type        = bool
}

variable "backlog_per_task" {
  description = "How many messages may wait for a task of a worker: there are more tasks when more do"
  type        = number
  default     = 20
}

[% endif %]
variable "spot_workers" {
  description = "Whether all tasks of a worker but one may run on spare capacity, which AWS takes back at two minutes' notice"
  type        = bool
}
[% endif %]

variable "deletion_protection" {
  description = "Whether the load balancer is protected from being deleted"
  type        = bool
}

variable "enable_execute_command" {
  description = "Whether people may open a shell in running tasks, which makes their root file systems writable"
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
