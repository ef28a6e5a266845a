"""What other tools were found to do. Context for the table: measured elsewhere, not in this run."""

TEXT = """\
For context, measured elsewhere and not in this run (a machine of the same kind: 2 cores shared by driver, database and
server; 3,000 items, k = 3):
  ten annotators without think time   Label Studio 1.23: 4.9 annotations/s on SQLite, 6.9 on PostgreSQL;
                                      Potato 2.12: about 22
  one user, next item and submission  Label Studio 1.23: 196 ms and 34 ms
  import                              Label Studio 1.23: 4,500 items/s
  items with more than k annotations  Label Studio 1.23: 7 to 8 of 100, and all 100 in one of its modes"""
