"""The OpenAPI document, generated from what the handlers declare and the tables that check bodies."""
