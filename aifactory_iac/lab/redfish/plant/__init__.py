"""The machine behind a controller: state, and what happens to it in time. Knows no HTTP."""
