"""Frozen sentences that the danger screen is judged by, and their reader."""
