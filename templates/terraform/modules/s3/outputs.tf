output "bucket_name" {
  description = "Name of the bucket"
  value       = module.bucket.s3_bucket_id
}

output "bucket_arn" {
  description = "What policies call it"
  value       = module.bucket.s3_bucket_arn
}
