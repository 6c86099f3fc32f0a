"""Frozen data and ports: what the other layers speak to each other."""
