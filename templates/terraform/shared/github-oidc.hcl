include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "${dirname(find_in_parent_folders("root.hcl"))}/modules//github-oidc"
}

inputs = {
  name         = "[= slug =]"
  environments = [[% for one in environments %]"[= one =]"[= "" if loop.last else ", " =][% endfor %]]
  state_bucket = "[= bucket_of_unit =]"

  # GitHub sets these in workflows; the README says how to set them elsewhere.
  repository    = get_env("GITHUB_REPOSITORY")
  repository_id = get_env("GITHUB_REPOSITORY_ID")
  owner_id      = get_env("GITHUB_REPOSITORY_OWNER_ID")
}
