"""The pages: a module for each, whose ``make`` runs the queries of an address and gives their results to a template."""
