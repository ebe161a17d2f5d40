"""How long a preview takes, beside OpenTofu's plan of the same tenants; `make bench-preview`."""
