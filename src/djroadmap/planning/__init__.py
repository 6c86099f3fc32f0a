"""What features are written with: from a project's facts to plans, one module per kind of place."""
