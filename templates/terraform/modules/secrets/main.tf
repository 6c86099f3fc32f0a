module "generated" {
  source   = "../password"
  for_each = var.generated_keys

  length = 64
}

resource "aws_secretsmanager_secret" "this" {
  name                    = "${var.name}/app"
  description             = length(var.operator_keys) == 0 ? "Secrets of ${var.name}" : "Secrets of ${var.name}. To fill by hand: ${join(", ", var.operator_keys)}"
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

# Written once: what is filled in later is never read, never in the state and never overwritten. A placeholder for
# what is to be filled in would let the application start with it, so there is none.
resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id

  secret_string_wo = jsonencode({
    for key, suffix in var.generated_keys : key => "${module.generated[key].value}${suffix}"
  })
  secret_string_wo_version = 1
}
