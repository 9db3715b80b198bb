"""Sockets, TLS and HTTP: one listening port a controller, all in one event loop."""
