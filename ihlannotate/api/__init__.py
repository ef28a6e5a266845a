"""REST API under /api/v1/, for the programs of coordinators and engineers: same roles and blindness as the pages."""
