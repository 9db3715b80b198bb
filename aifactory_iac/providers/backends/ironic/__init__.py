"""OpenStack Ironic as a back end: another manager acts, and we decide and observe.

Ironic keeps a record of each machine (a node) and a state machine of its own. What it answers with
202 has not happened yet; it erases disks by default; a node that somebody else reserved is theirs.

    states      its provision states, and where they are in our life of a machine
    node        a node as it was read
    wishes      what its record should say, for an intent
    guards      why a node must be left alone
    decide      the one thing to do next: pure
    rest        its REST API: reads are repeated, writes never are
    running     one run on one machine
"""
