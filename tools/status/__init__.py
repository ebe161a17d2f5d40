"""The state of the whole cloud on one screen: `make status`, `make status-page`.

`stack` is what is asked, from the stack's config; `nodes` and `cloud` ask, and `seen` is what they
found; `rules` is the table of what needs a person, with what it finds `on_nodes` and `in_cloud`,
and `judge` applies it; `report` has these findings and the tables of the rest (`node_tables`,
`cloud_tables`); `text` and `page` write it. `reading.py` runs on the nodes. Nothing here changes
anything.
"""
