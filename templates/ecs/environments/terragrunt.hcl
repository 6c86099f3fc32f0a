include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "env" {
  path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/_env/ecs.hcl"
}

inputs = {
[% if domain %]
  domain = "[= domain =]"
[% else %]
  # Yours to fill in; until then, nothing is planned.
  domain = ""
[% endif %]

[% if required %]
  # Yours to fill in, none of it secret; until then, nothing is planned.
  required_environment = {
[% for line in required %]
    [= line =]
[% endfor %]
  }

[% endif %]
[% for line in counts %]
  [= line =]
[% endfor %]

[% if counted %]
[% if production %]
  # A small task counts the messages that wait, every minute.
  scale_by_backlog = true
[% else %]
  # By CPU alone: counting the messages that wait costs a small task.
  scale_by_backlog = false
[% endif %]

[% endif %]
[% if shell %]
  # For a shell in running tasks. It makes their root file systems writable, unlike those of other environments.
  enable_execute_command = true
[% else %]
  # For a shell in running tasks, set it to true and deploy. It makes their root file systems writable.
  enable_execute_command = false
[% endif %]
}
