locals {
  # Names of load balancers end after 32 characters.
  short_name = length(var.name) <= 32 ? var.name : "${substr(var.name, 0, 23)}-${substr(sha1(var.name), 0, 8)}"
}

# The one for the domain name that ACM has issued, so that no ARN is written down.
data "aws_acm_certificate" "this" {
  count = var.certificate_arn == null ? 1 : 0

  domain      = coalesce(var.certificate_domain, var.domain)
  statuses    = ["ISSUED"]
  most_recent = true
}

module "alb" {
  source  = "terraform-aws-modules/alb/aws"
  version = "[= versions["alb"] =]"

  name                       = local.short_name
  vpc_id                     = var.vpc_id
  subnets                    = var.public_subnet_ids
  enable_deletion_protection = var.deletion_protection
  drop_invalid_header_fields = true

[% if kept and kept > 60 %]
  # The server keeps connections for [= kept =] seconds: it must not be the one that closes them first.
[% endif %]
  idle_timeout = 60

  security_group_ingress_rules = {
    http = {
      description = "Redirected to https"
      cidr_ipv4   = "0.0.0.0/0"
      from_port   = 80
      to_port     = 80
      ip_protocol = "tcp"
    }
    https = {
      description = "Everybody"
      cidr_ipv4   = "0.0.0.0/0"
      from_port   = 443
      to_port     = 443
      ip_protocol = "tcp"
    }
  }
  security_group_egress_rules = {
    web = {
      description                  = "The web server"
      referenced_security_group_id = var.task_security_group_id
      from_port                    = local.container_port
      to_port                      = local.container_port
      ip_protocol                  = "tcp"
    }
  }

  listeners = {
    http = {
      port     = 80
      protocol = "HTTP"
      redirect = {
        port        = "443"
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }
    https = {
      port            = 443
      protocol        = "HTTPS"
      ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
      certificate_arn = var.certificate_arn == null ? one(data.aws_acm_certificate.this[*].arn) : var.certificate_arn
      forward = {
        target_group_key = "web"
      }
    }
  }

  target_groups = {
    web = {
      name_prefix = "web-"
      protocol    = "HTTP"
      port        = local.container_port
      target_type = "ip"
      # ECS puts the tasks in.
      create_attachment    = false
      deregistration_delay = 30

      # Answered before Django looks at the host and the scheme of the request, so nothing but 200 is healthy.
      health_check = {
        enabled             = true
        path                = "/healthz/"
        port                = "traffic-port"
        protocol            = "HTTP"
        matcher             = "200"
        interval            = 15
        timeout             = 5
        healthy_threshold   = 2
        unhealthy_threshold = 3
      }
    }
  }
}

# ECS refuses a target group that no listener sends requests to yet.
resource "terraform_data" "target_group" {
  input = module.alb.target_groups["web"].arn

  depends_on = [module.alb]
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  security_group_id            = var.task_security_group_id
  description                  = "The load balancer of ${var.name}"
  referenced_security_group_id = module.alb.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.container_port
  to_port                      = local.container_port
}
