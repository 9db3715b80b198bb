"""InfiniBand partitions: who belongs to which, and the managers that are told so."""
