# The environment of the containers, a parameter for each variable under /NAME/environment. ops/deploy reads them all, so
# one that is put there by hand reaches the containers like those that are made here.

locals {
  settings = {
    DOMAIN              = var.domain
    TLS                 = var.certificate_email
    AWS_REGION          = var.region
    ADMIN_BIND          = length(var.admin_cidrs) == 0 ? "127.0.0.1" : "0.0.0.0" # behind the security group
    MLFLOW_ARTIFACTS    = "s3://${aws_s3_bucket.this.id}/mlflow"
    ALERT_SNS_TOPIC_ARN = aws_sns_topic.alerts.arn
    LOG_GROUP           = aws_cloudwatch_log_group.this.name
  }
}

# AWS thinks them up; they pass through memory only, and are in no plan and no state.
ephemeral "aws_secretsmanager_random_password" "these" {
  for_each = var.secrets

  password_length     = 43 # of 62 letters and digits: 256 bits
  exclude_punctuation = true
}

resource "aws_ssm_parameter" "secrets" {
  for_each = var.secrets

  name             = "${local.parameters}/environment/${each.key}"
  type             = "SecureString"
  value_wo         = ephemeral.aws_secretsmanager_random_password.these[each.key].random_password
  value_wo_version = 1 # another number makes new ones
}

resource "aws_ssm_parameter" "settings" {
  for_each = merge(local.settings, var.settings)

  name  = "${local.parameters}/environment/${each.key}"
  type  = "String"
  value = each.value
}

# Which release runs. The machine writes it down after a roll-out, and reads it when it starts.
resource "aws_ssm_parameter" "release" {
  name  = "${local.parameters}/release"
  type  = "String"
  value = "none"

  lifecycle {
    ignore_changes = [value]
  }
}

# The service does not start without an API key: the machine makes the first and keeps it here for the operator.
resource "aws_ssm_parameter" "first_key" {
  name             = "${local.parameters}/first_key"
  type             = "SecureString"
  value_wo         = "none"
  value_wo_version = 1
}

# Where a roll-out is sent to. Outside the environment, and readable to the deploy role.
resource "aws_ssm_parameter" "machine" {
  name  = "${local.parameters}/machine"
  type  = "String"
  value = aws_instance.this.id
}
