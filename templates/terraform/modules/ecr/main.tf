module "repository" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "[= versions["ecr"] =]"

  repository_name = var.name

  # A tag is one image for ever, so what is deployed is what was tested.
  repository_image_tag_mutability = "IMMUTABLE"
  repository_image_scan_on_push   = true
  repository_encryption_type      = "AES256"
  repository_force_delete         = false

  # Within the account the roles decide.
  attach_repository_policy = false
  create_repository_policy = false

  create_lifecycle_policy = true
  repository_lifecycle_policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Layers of builds that were pushed again"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 7
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Enough to roll back to"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.images
        }
        action = { type = "expire" }
      },
    ]
  })
}
