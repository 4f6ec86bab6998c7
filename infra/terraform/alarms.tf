resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/containers"
  retention_in_days = var.log_retention_days
}

resource "aws_sns_topic" "alerts" {
  name = "${var.name}-alerts"
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alert_emails)

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  bursts = startswith(var.instance_type, "t")

  alarms = merge({
    machine-lost = {
      says      = "The machine's hardware or network has failed; AWS starts it again elsewhere."
      namespace = "AWS/EC2", metric = "StatusCheckFailed_System", statistic = "Maximum"
      above     = 0, minutes = 2, actions = ["arn:aws:automate:${var.region}:ec2:recover"]
    }
    machine-sick = {
      says      = "The machine does not answer AWS's checks: look at its console output."
      namespace = "AWS/EC2", metric = "StatusCheckFailed", statistic = "Maximum"
      above     = 0, minutes = 5, actions = []
    }
    processor = {
      says      = "The processor has been busy for a quarter of an hour: take a larger machine, or a second."
      namespace = "AWS/EC2", metric = "CPUUtilization", statistic = "Average"
      above     = 85, minutes = 15, actions = []
    }
    disk = {
      says      = "The data volume is nearly full (or the machine has stopped to say so): raise data_gigabytes."
      namespace = var.name, metric = "DiskUsedPercent", statistic = "Maximum"
      above     = 85, minutes = 15, actions = []
    }
    }, local.bursts ? {
    credits = {
      says      = "The machine has used up its CPU credits and more, which are billed: take a larger type."
      namespace = "AWS/EC2", metric = "CPUSurplusCreditsCharged", statistic = "Maximum"
      above     = 0, minutes = 15, actions = []
    }
  } : {})
}

resource "aws_cloudwatch_metric_alarm" "these" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = { InstanceId = aws_instance.this.id }
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.minutes > 5 ? 300 : 60
  evaluation_periods  = each.value.minutes > 5 ? each.value.minutes / 5 : each.value.minutes
  treat_missing_data  = each.key == "disk" ? "breaching" : "missing"
  alarm_actions       = concat([aws_sns_topic.alerts.arn], each.value.actions)
  ok_actions          = [aws_sns_topic.alerts.arn]
}
