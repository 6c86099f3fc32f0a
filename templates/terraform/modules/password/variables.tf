variable "length" {
  description = "How many letters and digits it has"
  type        = number
  default     = 40
}
