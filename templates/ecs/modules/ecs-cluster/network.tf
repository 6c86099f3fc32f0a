resource "aws_security_group" "tasks" {
  name_prefix = "${var.name}-tasks-"
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-tasks"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Images, secrets, logs, mail, other people's APIs: without it nothing goes out, and no task can even start.
resource "aws_vpc_security_group_egress_rule" "tasks" {
  security_group_id = aws_security_group.tasks.id
  description       = "Anywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = var.database_security_group_id
  description                  = "PostgreSQL for the tasks of ${var.name}"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = var.database_port
  to_port                      = var.database_port
}
[% if cache %]

resource "aws_vpc_security_group_ingress_rule" "cache" {
  security_group_id            = var.cache_security_group_id
  description                  = "Redis for the tasks of ${var.name}"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = var.cache_port
  to_port                      = var.cache_port
}
[% endif %]
