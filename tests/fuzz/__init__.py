"""Requests that nobody would think of: none is answered with a 5xx, or with what the OpenAPI document does not say."""
