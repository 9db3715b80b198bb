"""The AWS sites of a lab: a moto server, in memory, on loopback."""
