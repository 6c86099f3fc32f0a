output "value" {
  description = "The password"
  value       = ephemeral.random_password.this.result
  ephemeral   = true
}
