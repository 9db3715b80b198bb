"""Money, energy and carbon as ranges, by pool, by site and in total."""
