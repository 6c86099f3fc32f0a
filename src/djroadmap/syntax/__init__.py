"""Reads Python source with `ast`: what a file says, never what it does."""
