"""Leaf, pure: three national files of drugs, line by line, and what a site's formulary gains from them."""
