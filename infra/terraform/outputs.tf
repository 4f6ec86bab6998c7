output "address" {
  description = "What the domain's A record must say."
  value       = aws_eip.this.public_ip
}

output "url" {
  description = "Where the service answers once the record is there and a release is rolled out."
  value       = "https://${var.domain}"
}

output "instance_id" {
  description = "For `aws ssm start-session --target`; it changes when the machine is replaced."
  value       = aws_instance.this.id
}

output "bucket" {
  description = "Holds mlflow/ (artifacts), backups/ and releases/."
  value       = aws_s3_bucket.this.id
}

output "repository" {
  description = "Where the image is pushed to."
  value       = aws_ecr_repository.this.repository_url
}

output "alert_topic" {
  description = "Who subscribes to it is told of alerts."
  value       = aws_sns_topic.alerts.arn
}

output "log_group" {
  description = "For `aws logs tail --follow`."
  value       = aws_cloudwatch_log_group.this.name
}

output "parameters" {
  description = "Path of the containers' environment, secrets included."
  value       = "${local.parameters}/environment/"
}

output "github_variables" {
  description = "Variables of the repository's environment that the deploy workflow reads; none of them is secret."
  value = {
    AWS_REGION     = var.region
    AWS_ROLE       = one(aws_iam_role.deploy[*].arn)
    SERVICE        = var.name
    URL            = "https://${var.domain}"
    BUCKET         = aws_s3_bucket.this.id
    ECR_REPOSITORY = aws_ecr_repository.this.repository_url
  }
}
