output "vpc_id" {
  description = "The network"
  value       = module.vpc.vpc_id
}

output "vpc_cidr_block" {
  description = "Its addresses"
  value       = module.vpc.vpc_cidr_block
}

output "public_subnet_ids" {
  description = "Where load balancers are"
  value       = module.vpc.public_subnets
}

output "private_subnet_ids" {
  description = "Where containers run"
  value       = module.vpc.private_subnets
}

output "database_subnet_group_name" {
  description = "Where the database is"
  value       = module.vpc.database_subnet_group_name
}

output "elasticache_subnet_group_name" {
  description = "Where the cache is"
  value       = module.vpc.elasticache_subnet_group_name
}
