variable "name" {
  description = "The name of the environment; rule and role begin with it"
  type        = string
}

variable "queues" {
  description = "The queues of each service of workers"
  type        = map(list(string))
}

variable "task_definition_arn" {
  description = "The task definitions of the worker, without a revision: the newest is run"
  type        = string
}

variable "account_id" {
  description = "The account, for which alone the task is started"
  type        = string
}

variable "cluster_arn" {
  description = "The cluster"
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

variable "task_role_arn" {
  description = "The role of the application"
  type        = string
}

variable "execution_role_arn" {
  description = "The role that starts tasks"
  type        = string
}
