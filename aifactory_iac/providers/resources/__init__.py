"""The resource types of the provider, one module each; each translates for one room."""
