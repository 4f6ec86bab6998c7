data "aws_ssm_parameter" "ubuntu" {
  count = var.ami_id == null ? 1 : 0
  name  = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
}

resource "aws_key_pair" "admin" {
  count = var.ssh_public_key == null ? 0 : 1

  key_name   = var.name
  public_key = var.ssh_public_key
}

resource "aws_instance" "this" {
  ami                    = var.ami_id == null ? nonsensitive(data.aws_ssm_parameter.ubuntu[0].value) : var.ami_id
  instance_type          = var.instance_type
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.machine.id]
  iam_instance_profile   = aws_iam_instance_profile.machine.name
  key_name               = one(aws_key_pair.admin[*].key_name)
  ebs_optimized          = true
  tags                   = { Name = var.name }

  # cloud-init runs once in a machine's life: a changed script needs a new one. The data volume goes over to it, and
  # it starts the release that was last rolled out.
  user_data_replace_on_change = true
  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    host = jsonencode({
      name   = var.name
      region = var.region
      bucket = aws_s3_bucket.this.id
    })
    volume = replace(aws_ebs_volume.data.id, "-", "")
    start  = file("${path.module}/../../ops/deploy/start.py")
  })

  root_block_device {
    volume_type = "gp3"
    volume_size = 16
    encrypted   = true
  }

  metadata_options {
    http_tokens   = "required"
    http_endpoint = "enabled"
    # The API's container is one hop further away than the machine; ops/deploy/firewall.py refuses it to the others.
    http_put_response_hop_limit = 2
  }

  lifecycle {
    ignore_changes = [ami] # a newer image is no reason to replace a running machine: taint it to take one
  }
}
