# What the deploy workflow may do: push an image, lay down a release, and have the machine roll it out.

locals {
  deploys_from_github = var.github_repository != null
  oidc_provider_arn   = var.github_oidc_provider_arn != null ? var.github_oidc_provider_arn : one(aws_iam_openid_connect_provider.github[*].arn)
}

# The one command that the workflow can run on the machine. With AWS-RunShellScript it could run any, as root.
resource "aws_ssm_document" "roll_out" {
  name            = "${var.name}-roll-out"
  document_type   = "Command"
  document_format = "JSON"
  target_type     = "/AWS::EC2::Instance"
  content = jsonencode({
    schemaVersion = "2.2"
    description   = "Rolls a release out, and the former one again if the new one does not answer"
    parameters = {
      release = {
        type           = "String"
        description    = "Commit whose bundle is in the bucket"
        allowedPattern = "^[0-9a-f]{40}$"
      }
    }
    mainSteps = [{
      action = "aws:runShellScript"
      name   = "rollOut"
      inputs = {
        timeoutSeconds = "900"
        runCommand     = ["/usr/local/sbin/sentiment-start {{ release }}"]
      }
    }]
  })
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.deploys_from_github && var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "deploy_trust" {
  count = local.deploys_from_github ? 1 : 0

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.github_repository}:environment:${var.github_environment}"]
    }
  }
}

data "aws_iam_policy_document" "deploy" {
  count = local.deploys_from_github ? 1 : 0

  statement {
    sid = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [aws_ecr_repository.this.arn]
  }

  statement {
    sid       = "PushToken" # has no resources to name
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "LayDownRelease"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this.arn}/releases/*"]
  }

  statement {
    sid       = "SeeWhatRuns"
    actions   = ["ssm:GetParameter"]
    resources = ["${local.parameter}/release", "${local.parameter}/machine"]
  }

  statement {
    sid       = "RollOut"
    actions   = ["ssm:SendCommand"]
    resources = [aws_ssm_document.roll_out.arn, aws_instance.this.arn]
  }

  statement {
    sid       = "SeeOutcome" # has no resources to name
    actions   = ["ssm:GetCommandInvocation"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "deploy" {
  count = local.deploys_from_github ? 1 : 0

  name                 = "${var.name}-deploy"
  assume_role_policy   = data.aws_iam_policy_document.deploy_trust[0].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deploy" {
  count = local.deploys_from_github ? 1 : 0

  name   = "deploy"
  role   = aws_iam_role.deploy[0].id
  policy = data.aws_iam_policy_document.deploy[0].json
}
