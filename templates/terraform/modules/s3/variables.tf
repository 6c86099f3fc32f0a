variable "name" {
  description = "What the name of the bucket begins with"
  type        = string
}

variable "cors_origins" {
  description = "Origins that may upload from a browser"
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.cors_origins, "*")
    error_message = "Name the origins, such as https://www.example.com."
  }
}

variable "deletion_protection" {
  description = "Refuse deletion while there is something in it"
  type        = bool
}
