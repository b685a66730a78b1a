"""Synthetic evidence: SPECIMEN cards, selfies and challenge clips for tests, demos, training and trials."""
