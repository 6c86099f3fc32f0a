"""The laws over any folder of projects: `python -m tests.corpus DIR`, or `make corpus DIR=...`."""
