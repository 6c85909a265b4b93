"""The hub as AWS sees it, in CDK: a stack of data that is never replaced, and the hub around it."""
