"""A measured model to a page for people: report.html."""
