"""The service that machines get their address and their first boot from."""
