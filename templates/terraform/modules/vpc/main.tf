data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  azs   = slice(sort(data.aws_availability_zones.available.names), 0, var.availability_zones)
  index = range(var.availability_zones)
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "[= versions["vpc"] =]"

  name = var.name
  cidr = var.cidr
  azs  = local.azs

  # Of a /16: 256 addresses for each zone, but 4096 where containers run. The first 16 blocks are the small ones.
  public_subnets      = [for i in local.index : cidrsubnet(var.cidr, 8, i)]
  database_subnets    = [for i in local.index : cidrsubnet(var.cidr, 8, i + 4)]
  elasticache_subnets = [for i in local.index : cidrsubnet(var.cidr, 8, i + 8)]
  private_subnets     = [for i in local.index : cidrsubnet(var.cidr, 4, i + 1)]

  # Load balancers of Kubernetes find their subnets by these; nobody else minds them.
  # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/
  public_subnet_tags = {
    "kubernetes.io/role/elb" = "1"
  }
  private_subnet_tags = {
    "kubernetes.io/role/internal-elb" = "1"
  }

  # Route tables of their own, without a way out.
  create_database_subnet_group          = true
  create_database_subnet_route_table    = true
  create_elasticache_subnet_group       = true
  create_elasticache_subnet_route_table = true

  # One for each zone survives the loss of a zone; a single one is a third of the cost.
  enable_nat_gateway     = true
  single_nat_gateway     = var.single_nat_gateway
  one_nat_gateway_per_az = !var.single_nat_gateway

  enable_flow_log                                 = var.flow_logs
  create_flow_log_cloudwatch_log_group            = var.flow_logs
  create_flow_log_cloudwatch_iam_role             = var.flow_logs
  flow_log_cloudwatch_log_group_retention_in_days = var.log_retention_days
  vpc_flow_log_iam_role_name                      = "${var.name}-flow-logs"
  vpc_flow_log_iam_role_use_name_prefix           = false
  vpc_flow_log_iam_policy_name                    = "${var.name}-flow-logs"
  vpc_flow_log_iam_policy_use_name_prefix         = false
}

# Traffic to S3, layers of images included, is free this way instead of going through the NAT gateway.
module "endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "[= versions["vpc"] =]"

  vpc_id = module.vpc.vpc_id

  endpoints = {
    s3 = {
      service         = "s3"
      service_type    = "Gateway"
      route_table_ids = module.vpc.private_route_table_ids
      tags            = { Name = "${var.name}-s3" }
    }
  }
}
