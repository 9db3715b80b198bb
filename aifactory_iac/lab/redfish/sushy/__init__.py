"""sushy-tools underneath: its application, and a driver whose state is our machines' own."""
