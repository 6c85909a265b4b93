"""Fills a deployed hub with the sample telco, or with orders to its simulated network: `… seed fail:fibre-500:1`.

A process of its own, because the stores take the account they work in from the environment.
"""

import sys

import boto3

from cli import network
from cli.hub import fill
from functions.shared.settings import source


def main(orders: list[str]) -> None:
    """Uses the stores with the settings of every deployed function."""
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    source.set({k: v for each in functions for k, v in each.get("Environment", {}).get("Variables", {}).items()})
    if orders:
        network.tell(map(network.misbehaviour, orders))
        return
    fill()


if __name__ == "__main__":
    main(sys.argv[1:])
