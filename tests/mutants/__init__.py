"""`make mutants`: the core that decides is changed in every small way there is, and the tests must notice."""
