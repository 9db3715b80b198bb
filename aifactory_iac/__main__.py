"""`python -m aifactory_iac` is `aifactory`."""

from aifactory_iac.cli.main import main

main()
