"""The hub's Lambda functions: one folder per noun; a handler reads, the noun decides, a store remembers."""
