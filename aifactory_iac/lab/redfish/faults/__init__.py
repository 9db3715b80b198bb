"""What goes wrong, on purpose: rules in a file, a catalogue of what vendors do, and who decides."""
