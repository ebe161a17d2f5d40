"""Pulumi by pull request: a preview as a comment, `up` of what was reviewed, drift as an issue."""
