"""What a machine is installed from: typed documents, their renderings and their checks."""
