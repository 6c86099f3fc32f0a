# What differs between environments: sizes, what they cost, and how well they are kept.

locals {
  environment = "[= environment =]"
  name        = "[= slug =]-[= environment =]"
  production  = [= "true" if production else "false" =]

  # No two environments share addresses, so that their networks can be peered.
  vpc_cidr           = "[= cidr =]"
[% if production %]
  availability_zones = 3
  single_nat_gateway = false
  flow_logs          = true
[% else %]
  availability_zones = 2
  single_nat_gateway = true
  flow_logs          = false
[% endif %]

[% if production %]
  database_instance_class      = "db.t4g.medium"
  database_storage             = 50
  database_max_storage         = 500
  database_multi_az            = true
  database_backup_days         = 14
  database_monitoring_interval = 60
[% else %]
  database_instance_class      = "db.t4g.micro"
  database_storage             = 20
  database_max_storage         = 100
  database_multi_az            = false
  database_backup_days         = 1
  database_monitoring_interval = 0
[% endif %]
[% if redis %]

[% if production %]
  cache_node_type     = "cache.t4g.small"
  cache_nodes         = 2
  cache_snapshot_days = 7
[% else %]
  cache_node_type     = "cache.t4g.micro"
  cache_nodes         = 1
  cache_snapshot_days = 0
[% endif %]
[% endif %]

  # Deletion is refused, a last snapshot is taken, and secrets can be restored for 30 days.
  deletion_protection = [= "true" if production else "false" =]

  log_retention_days = [= 90 if production else 14 =]

  # Origins that may upload to the media bucket from a browser, such as "https://www.example.com".
  media_cors_origins = []
}
