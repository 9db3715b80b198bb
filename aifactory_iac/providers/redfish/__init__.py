"""Redfish as a client that never sends a request twice without looking first."""
