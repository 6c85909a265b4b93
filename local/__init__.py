"""The whole hub in one process: the synthesized templates, run on moto, without Docker or an AWS account.

Nothing here knows a noun of the hub: what exists, and who is called by what, comes from the templates alone.
"""
