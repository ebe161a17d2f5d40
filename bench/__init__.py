"""How long a preview takes, compared with OpenTofu's plan of the same tenants."""
