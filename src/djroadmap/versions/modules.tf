# The versions of the Terraform modules that infrastructure is made of. Nobody applies this: update bots read it.

module "alb" {
  source  = "terraform-aws-modules/alb/aws"
  version = "10.5.0"
}

module "ecr" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "3.2.0"
}

module "ecs" {
  source  = "terraform-aws-modules/ecs/aws"
  version = "7.5.0"
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "21.19.0"
}

module "eks-pod-identity" {
  source  = "terraform-aws-modules/eks-pod-identity/aws"
  version = "2.8.1"
}

module "elasticache" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "1.10.3"
}

module "iam" {
  source  = "terraform-aws-modules/iam/aws"
  version = "6.5.0"
}

module "rds" {
  source  = "terraform-aws-modules/rds/aws"
  version = "7.2.0"
}

module "s3-bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "5.15.4"
}

module "secrets-manager" {
  source  = "terraform-aws-modules/secrets-manager/aws"
  version = "2.0.1"
}

module "security-group" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "5.3.1"
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "6.6.0"
}
