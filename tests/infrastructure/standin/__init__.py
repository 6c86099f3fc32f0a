"""Providers of Terraform that know what resources look like, and nothing of what is behind them.

The registry of providers cannot be reached from tests. These are started by Terraform itself, with the interpreter of
the tools, so nothing here imports what that one does not have.
"""
