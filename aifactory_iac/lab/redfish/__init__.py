"""A Redfish fleet on loopback: emulated controllers that behave, and misbehave, like real ones.

`fleet.Fleet` serves one inside a test, `python -m aifactory_iac.lab.redfish SPEC.json` as a process
of its own. Underneath stands sushy-tools with our driver (`sushy/`); `plant/` is the machine behind
a controller, `service/` what the controller answers, `front/` the sockets, `faults/` what goes
wrong, and `witness` reads the log that all of it leaves.
"""
