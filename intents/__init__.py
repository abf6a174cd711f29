"""Words -> meaning: a classifier for what is wanted, readers for the values named. No I/O but the weights."""
