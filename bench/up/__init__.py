"""How long `pulumi up` takes on bare nodes, beside apt alone for the same packages."""
