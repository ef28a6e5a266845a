"""Results put into words, figures and drawings, the same on pages and in files; data are the verbs' before it."""
