# What must hold of every plan, without an account: `terraform test`. Terraform cannot mock a provider that has an
# ephemeral resource in use, so this is the real one, for plans only, with what it would ask of AWS put in its place.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.this
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_availability_zones.these
  values = { names = ["eu-west-1a"] }
}

override_data {
  target = data.aws_ssm_parameter.ubuntu
  values = { value = "ami-0123456789abcdef0" }
}

variables {
  domain            = "text.example.com"
  certificate_email = "ops@example.com"
  secrets           = [] # AWS would be asked for them
}

run "by_default_little_is_open_and_all_is_kept" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.web : contains([80, 443], rule.from_port) && rule.from_port == rule.to_port])
    error_message = "Another port than 80 and 443 is open to the world."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.admin) == 0 && length(aws_key_pair.admin) == 0
    error_message = "An administration port or SSH is open by default."
  }
  assert {
    condition     = aws_ssm_parameter.settings["ADMIN_BIND"].value == "127.0.0.1"
    error_message = "The administration pages leave the loopback by default."
  }
  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.metadata_options[0].http_put_response_hop_limit == 2
    error_message = "IMDSv2 is not required, or reaches further than a container."
  }
  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted && aws_ebs_volume.data.encrypted && aws_ebs_volume.data.type == "gp3"
    error_message = "A volume is not encrypted."
  }
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"])
    error_message = "The bucket is not encrypted."
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "Public access is not blocked."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket keeps no versions."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy && !aws_ecr_repository.this.force_delete && aws_ebs_volume.data.final_snapshot
    error_message = "A destroy would take data with it."
  }
  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "Images can be replaced, or are not scanned."
  }
  assert {
    condition     = length(aws_iam_role.deploy) == 0 && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "There is a role for a workflow that nobody named."
  }
}

run "with_everything_said" {
  command = plan
  variables {
    admin_cidrs              = ["203.0.113.7/32"]
    ssh_public_key           = "ssh-ed25519 AAAA test"
    destroy_data             = true
    github_repository        = "acme/text"
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.admin : rule.from_port]) == toset([22, 3000, 5000, 8000, 9090, 9093])
    error_message = "The named network does not reach each administration port."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.admin : rule.cidr_ipv4 == "203.0.113.7/32"])
    error_message = "An administration port is open to another network."
  }
  assert {
    condition     = aws_s3_bucket.this.force_destroy && aws_ecr_repository.this.force_delete && !aws_ebs_volume.data.final_snapshot
    error_message = "destroy_data keeps data."
  }
  assert {
    condition     = length(aws_iam_role.deploy) == 1 && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "The provider is made a second time."
  }
}

run "without_a_key_ssh_is_shut" {
  command = plan
  variables {
    admin_cidrs = ["203.0.113.7/32"]
  }

  assert {
    condition     = !contains([for rule in aws_vpc_security_group_ingress_rule.admin : rule.from_port], 22)
    error_message = "SSH is open without a key."
  }
}

run "mistakes_are_said" {
  command = plan
  variables {
    admin_cidrs       = ["0.0.0.0/0"]
    domain            = "https://text.example.com/"
    certificate_email = "ops"
    name              = "Sentiment"
    instance_type     = "t4g.large"
    data_gigabytes    = 5
    github_repository = "https://github.com/acme/text"
    settings          = { "not-a-variable" = "1" }
  }
  expect_failures = [
    var.admin_cidrs, var.domain, var.certificate_email, var.name, var.instance_type, var.data_gigabytes, var.github_repository,
    var.settings,
  ]
}
