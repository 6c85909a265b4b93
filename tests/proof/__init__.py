"""The proof of exactness: the hub's own handlers under every schedule, crash and repeat, and what must hold after each.

`make prove` runs all of it and writes docs/proof.md; `make test` runs a short form.
"""
