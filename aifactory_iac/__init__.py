"""Declarative infrastructure as code for AI factories.

The Python API is `aifactory_iac.api`: `load`, `design`, `explain`, `check`, `plan`, `export`.
Importing this package imports nothing else.
"""

__version__ = "0.1.0"
