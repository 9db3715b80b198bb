"""Storage tiers: what is asked of them and what they give."""
