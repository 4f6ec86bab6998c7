"""What the caching policy is made of: entries without texts, and single flight."""
