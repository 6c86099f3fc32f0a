"""One folder per feature, each with a `FEATURE`; the catalogue finds them."""
