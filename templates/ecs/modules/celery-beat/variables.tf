variable "name" {
  description = "The name of the environment; the service begins with it"
  type        = string
}

variable "cluster_arn" {
  description = "The cluster"
  type        = string
}

variable "image" {
  description = "The image of the first revision; the deploy workflow puts its own into those that follow"
  type        = string
}

variable "environment" {
  description = "Plain variables of the container"
  type        = map(string)
}

variable "secrets" {
  description = "Variables of the container from Secrets Manager: the address of each"
  type        = map(string)
}

variable "execution_role_arn" {
  description = "The role that starts tasks"
  type        = string
}

variable "task_role_arn" {
  description = "The role of the application"
  type        = string
}

variable "private_subnet_ids" {
  description = "Where tasks run"
  type        = list(string)
}

variable "task_security_group_id" {
  description = "The security group of the tasks"
  type        = string
}

variable "cpu" {
  description = "The CPU of a task: 1024 is one core"
  type        = number
}

variable "memory" {
  description = "The memory of a task in MiB"
  type        = number
}

variable "cpu_architecture" {
  description = "The processors that the image is built for: X86_64 or ARM64"
  type        = string
}

variable "enable_execute_command" {
  description = "Whether people may open a shell in running tasks, which makes their root file systems writable"
  type        = bool
}

variable "log_retention_days" {
  description = "How long logs are kept"
  type        = number
}
