"""What ends a command."""


class JobError(Exception):
    """Says what is wrong and what to do. Its text has no token in it."""
