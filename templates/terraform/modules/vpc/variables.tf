variable "name" {
  description = "Name of the network"
  type        = string
}

variable "cidr" {
  description = "Its addresses, a /16"
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16")
    error_message = "The subnets are laid out for a /16, such as 10.10.0.0/16."
  }
}

variable "availability_zones" {
  description = "How many zones to use, from 2 to 4"
  type        = number

  validation {
    condition     = var.availability_zones >= 2 && var.availability_zones <= 4
    error_message = "Databases and load balancers need 2 zones at least, and the subnets are laid out for 4 at most."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones instead of one for each"
  type        = bool
}

variable "flow_logs" {
  description = "Keep a log of the traffic"
  type        = bool
}

variable "log_retention_days" {
  description = "How long logs are kept"
  type        = number
}
