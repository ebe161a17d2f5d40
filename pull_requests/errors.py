"""The error that ends a command."""


class JobError(Exception):
    """Its text says what is wrong and what to do, and contains no token."""
