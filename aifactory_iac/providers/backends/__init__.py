"""Ways to act on machines behind one protocol: Redfish, Ironic, and documents for others."""
