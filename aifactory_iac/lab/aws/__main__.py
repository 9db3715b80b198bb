"""Runs the moto server as a part of a lab."""

import sys

from aifactory_iac.lab.aws.server import main

sys.exit(main(sys.argv[1:]))
