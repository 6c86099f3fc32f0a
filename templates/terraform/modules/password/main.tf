# A new password each time that Terraform runs, in no state and in no plan: it is only kept where a write-only
# argument takes it, which happens when the version of that argument changes.
# https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only

ephemeral "random_password" "this" {
  length = var.length

  # Characters such as %, / and ? would break the URL that the password becomes a part of.
  special = false
}
