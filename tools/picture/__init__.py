"""A picture of a cloud: its nodes, networks, routers and servers, as boxes with lines between them.

`cloud` is what is drawn, of the settings (`settings`) or of a preview (`wording/picture.py`);
`boxes` makes boxes of it, `fold` makes fewer of many, `dot` and `mermaid` write them.
"""
