"""How many requests the lab's APIs answer, and how fast; see `bench/api/run --help`."""
