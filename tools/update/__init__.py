"""Updates of the nodes' packages, one node after the other: `make update`.

`plan` says what is to be done on each node, from what the nodes and the cloud say of themselves;
`nodes` does it there, and `story` is the order of it. `update.sh`, `prove.sh` and `old.py` run on
the nodes.
"""
