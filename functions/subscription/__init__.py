"""Subscriptions to an API's events (TMF630): who is told of what, at which address."""
