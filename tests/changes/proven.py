"""The rows that passed on a lab at least once.

`make test` takes its rows from these alone. `make test-changes` applies all rows: one that did
what it says for the first time is added here.
"""

PROVEN = frozenset(
    {
        "controller.host changed",
        "provider.physicalName changed",
        "provider.maxvlan changed",
        "projects[].name renamed",
        "projects[].name swapped",
        "projects[].quota taken out",
        "images[].file changed, of another content",
        "flavors[].name renamed",
        "flavors[].ram changed",
        "networks[].pool taken out",
        "servers an entry more",
    }
)
