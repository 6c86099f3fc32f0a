variable "name" {
  description = "What the name of the secret begins with"
  type        = string
}

variable "generated_keys" {
  description = "Keys whose values are made up, and what these end with"
  type        = map(string)
}

variable "operator_keys" {
  description = "Keys whose values are filled in by hand"
  type        = list(string)
}

variable "deletion_protection" {
  description = "Keep it for 30 days after it was deleted"
  type        = bool
}
