"""Tools for annotated corpora: statistics, checks, agreement, sampling, splits, near-duplicates."""
