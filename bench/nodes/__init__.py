"""How long `pulumi up` takes with many nodes: each is an sshd whose steps only take their time."""
