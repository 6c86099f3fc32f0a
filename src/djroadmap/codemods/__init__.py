"""Python source to Python source; the only package that knows LibCST."""
