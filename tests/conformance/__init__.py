"""TMF630 over HTTP, cell by cell: every resource of the seven APIs against every rule."""
