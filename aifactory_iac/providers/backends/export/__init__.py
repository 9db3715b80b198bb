"""Documents for managers that are driven by files: metal3, warewulf, tinkerbell.

    subject     what is exported of one machine
    metal3      BareMetalHost, HostFirmwareSettings, HostFirmwareComponents
    warewulf    nodes.conf
    tinkerbell  Hardware, bmc Machine, Template, Workflow
    bundle      all machines of a target: files, what is wrong, and what is left to people

A document says no more than the machine's intent. No credential is ever written: the document names
a Secret, and a note says what belongs into it.
"""
