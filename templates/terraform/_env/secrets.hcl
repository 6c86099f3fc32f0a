terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//secrets"
}

locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
}

inputs = {
  name = local.env.name

  # Made up once, by Terraform.
[% if generated %]
  generated_keys = {
[% set width = generated | map("first") | map("length") | max %]
[% for key, suffix in generated %]
    [= "%-*s" | format(width, key) =] = "[= suffix =]"
[% endfor %]
  }
[% else %]
  generated_keys = {}
[% endif %]

  # Yours to fill, see the README: whatever needs one that is missing does not start.
[% if operator %]
  operator_keys = [
[% for key in operator %]
    "[= key =]",
[% endfor %]
  ]
[% else %]
  operator_keys = []
[% endif %]

  deletion_protection = local.env.deletion_protection
}
