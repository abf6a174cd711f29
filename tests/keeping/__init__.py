"""What keeps and ends the practice’s data, on a practice that has answered calls, on both databases."""
