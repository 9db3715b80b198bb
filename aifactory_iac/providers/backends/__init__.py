"""Ways to act on machines, behind the one protocol of `machine/provisioner.py`.

A node group names its back end; without one its machines are acted on directly:

    backend: {kind: redfish}
    backend: {kind: ironic, url: "https://ironic.site:6385", auth: basic,
              credentials: {store: env, path: IRONIC}}
    backend: {kind: our_company.machines:provisioner}

`redfish` and `ironic` are ours. Any other kind is the name of an entry point of the group
`aifactory_iac.provisioners`, or `module:function` itself: a function that takes a `Choice` and the
`Surroundings` and gives a `Provisioner`. `choosing` finds it; `export/` writes documents for
managers that are driven by files.
"""
