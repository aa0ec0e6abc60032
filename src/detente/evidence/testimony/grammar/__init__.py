"""The grammar of reporting: clauses, quotations, verbs of saying, and who is meant by whom."""
