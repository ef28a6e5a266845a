"""What is measured, each function in a process of its own with Django set up; `bench.processes` calls them."""
