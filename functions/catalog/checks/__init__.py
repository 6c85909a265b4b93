"""What is looked at before a catalog is published, one module for each part of it; all of them pure."""
