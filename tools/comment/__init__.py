"""A preview as a comment: what `up` would do, in words first, then as a diff."""
