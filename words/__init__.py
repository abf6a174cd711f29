"""Leaf, pure: number words, letters, sounds of names and drugs, the formulary and nickname tables."""
