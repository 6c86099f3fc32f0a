"""What infrastructure and its deploys are checked with: real programs, offline."""
