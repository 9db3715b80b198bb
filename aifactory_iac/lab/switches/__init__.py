"""Switches on loopback: NVUE over HTTPS, SONiC and MLNX-OS over SSH, and a UFM."""
