terraform {
  required_version = ">= 1.11" # write-only arguments: the secrets' values are in no plan and no state

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Service = var.name }
  }
}

data "aws_caller_identity" "this" {}
