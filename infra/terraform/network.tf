locals {
  admin_ports = {
    api          = 8000
    mlflow       = 5000
    prometheus   = 9090
    alertmanager = 9093
    grafana      = 3000
  }
  opened_to_admins = length(var.admin_cidrs) == 0 ? {} : merge(local.admin_ports, var.ssh_public_key == null ? {} : { ssh = 22 })
  admin_rules = {
    for pair in setproduct(keys(local.opened_to_admins), var.admin_cidrs) :
    "${pair[0]} from ${pair[1]}" => { port = local.opened_to_admins[pair[0]], cidr = pair[1] }
  }
}

resource "aws_vpc" "this" {
  cidr_block           = "10.20.0.0/24"
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# A VPC's own group lets its members talk to each other; without rules it lets nobody do anything.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id
}

data "aws_availability_zones" "these" {
  state = "available"
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = aws_vpc.this.cidr_block
  availability_zone = data.aws_availability_zones.these.names[0]
  tags              = { Name = "${var.name}-public" }

  lifecycle {
    ignore_changes = [availability_zone] # the data volume lives in it
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "machine" {
  name        = var.name
  description = "HTTPS for everybody, administration for named networks"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = var.name }
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each = {
    https            = { port = 443, protocol = "tcp", use = "HTTPS" }
    http3            = { port = 443, protocol = "udp", use = "HTTP/3" }
    http_certificate = { port = 80, protocol = "tcp", use = "The certificate's challenge, and a redirection to HTTPS" }
  }

  security_group_id = aws_security_group.machine.id
  description       = each.value.use
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = each.value.protocol
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each = local.admin_rules

  security_group_id = aws_security_group.machine.id
  description       = each.key
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# AWS's APIs, Ubuntu's packages, the registries of the images, the certificate authority.
resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.machine.id
  description       = "Out"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_eip" "this" {
  domain = "vpc"
  tags   = { Name = var.name }
}

resource "aws_eip_association" "this" {
  instance_id   = aws_instance.this.id
  allocation_id = aws_eip.this.id
}
