"""What an inventory of record says about the plant, read and never written.

    values      devices and cables as they are recorded
    reader      GET, page after page, and nothing else
    netbox      NetBox's REST API to values
    nautobot    Nautobot's REST API to values
    drift       recorded against intended, and against what controllers say
    adopting    from a list of controllers to machines whose identity is known

NetBox and Nautobot are asked over plain REST: their client libraries can write, and this cannot.
"""
