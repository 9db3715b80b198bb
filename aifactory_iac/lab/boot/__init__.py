"""Machines that truly boot: an installer of our own, and QEMU behind a controller of the lab."""
