variable "domain" {
  description = "Name that the service is reached by, as in text.example.com; point its A record at the address that is put out."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "The domain must be a full name in lower case without https:// and path, as in text.example.com."
  }
}

variable "certificate_email" {
  description = "Address that Let's Encrypt tells of certificates in trouble, or `internal` for a certificate of Caddy's own authority."
  type        = string

  validation {
    condition     = var.certificate_email == "internal" || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.certificate_email))
    error_message = "Give an e-mail address, or the word internal."
  }
}

variable "name" {
  description = "First part of every name in the account; two services of one account need two."
  type        = string
  default     = "sentiment"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "The name must be 2 to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "AWS region; one that has Amazon Comprehend."
  type        = string
  default     = "eu-west-1"
}

variable "instance_type" {
  description = "Kind of machine, of the x86-64 architecture (the image is built for it), with 8 GiB of memory or more."
  type        = string
  default     = "t3.large"

  validation {
    condition     = !can(regex("^[a-z]+[0-9]+[a-z]*g[a-z]*\\.", var.instance_type))
    error_message = "The image is built for x86-64: choose a type without Graviton, as in t3.large or m7i.large."
  }
}

variable "ami_id" {
  description = "Ubuntu image to start from, to hold it still; null takes Canonical's newest of 24.04 when the machine is first made."
  type        = string
  default     = null
}

variable "data_gigabytes" {
  description = "Size of the volume that keeps the images, MLflow's store, the metrics and the certificates."
  type        = number
  default     = 40

  validation {
    condition     = var.data_gigabytes >= 20
    error_message = "The container images alone take about 10 GB: give the data volume 20 or more."
  }
}

variable "destroy_data" {
  description = "Whether `terraform destroy` may delete artifacts, backups, images and the data volume for good. Apply it first: destroy obeys what was applied."
  type        = bool
  default     = false
}

variable "admin_cidrs" {
  description = "Networks that may reach the administration pages (and SSH, with a key); none by default, as SSM port forwarding needs no open port."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrnetmask(cidr)) && tonumber(split("/", cidr)[1]) >= 16])
    error_message = "Each admin network must be an IPv4 CIDR of /16 or smaller, as in 203.0.113.7/32: never the whole internet."
  }
}

variable "ssh_public_key" {
  description = "Public key for SSH from admin_cidrs; null opens no SSH, since SSM gives a shell."
  type        = string
  default     = null
}

variable "settings" {
  description = "Settings of the service beside those that Terraform knows, as in { SENTIMENT_ANALYZER = \"comprehend\" }; no secrets, which would be in the state."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", key))])
    error_message = "A setting's name is a variable of the environment: capitals, digits and underscores, as in SENTIMENT_ANALYZER."
  }
}

variable "secrets" {
  description = "Variables of the containers' environment that get a random value, which stays in Parameter Store. Leave one out to put a value of your own there."
  type        = set(string)
  default     = ["SENTIMENT_KEY_PEPPER", "GRAFANA_PASSWORD", "MLFLOW_PASSWORD"]
}

variable "alert_emails" {
  description = "Addresses that are told of alerts; each must confirm the message that AWS sends it."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps the containers' logs."
  type        = number
  default     = 30
}

variable "github_repository" {
  description = "OWNER/NAME of the repository whose deploy workflow may push and roll out; null makes no role for it."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "The repository must be OWNER/NAME, as GitHub spells it."
  }
}

variable "github_environment" {
  description = "Environment of the repository that the deploy workflow runs in; its reviewers guard the role."
  type        = string
  default     = "production"
}

variable "github_oidc_provider_arn" {
  description = "ARN of the account's OIDC provider of GitHub if there is one already (an account can have only one); null makes it."
  type        = string
  default     = null
}
