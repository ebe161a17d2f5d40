"""`make adopt`: takes what is in a cloud, and not in the stack's state, into that state.

`planned` says what `up` would make, `look` finds it in the cloud, `state` writes it into the state.
"""
