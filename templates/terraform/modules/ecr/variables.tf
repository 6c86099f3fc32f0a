variable "name" {
  description = "Name of the repository"
  type        = string
}

variable "images" {
  description = "How many images are kept"
  type        = number
  default     = 200
}
