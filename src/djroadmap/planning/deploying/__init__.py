"""What the containers of a project are: one place that reads Dockerfiles, scripts, compose files and settings."""
