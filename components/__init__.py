"""The cloud as Pulumi components: settings <- steps <- nodes <- cloud <- program."""
