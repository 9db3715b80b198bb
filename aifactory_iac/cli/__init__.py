"""Words to calls: one verb a file, and no logic."""
