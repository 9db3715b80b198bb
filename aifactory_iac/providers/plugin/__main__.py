"""`python -m aifactory_iac.providers.plugin` is the command `pulumi-resource-aifactory`."""

from aifactory_iac.providers.plugin.main import main

main()
