"""What a machine is installed from: typed documents, their renderings and their checks.

    read_installation(value, networks)   a JSON value -> `Installation`, and all that is wrong
    rendered(installation, links)        -> the exact files, name to bytes
    plan.*                               what to publish, what to tell the BMC, what to wait for
    together.*                           machines that get in each other's way
    outside.*                            the real programs as a second opinion

Everything but `outside` is a function from value to value.
"""
