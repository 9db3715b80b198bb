"""The toolkit's own Pulumi provider package, `aifactory`: its schema and its typed SDK classes.

`metal` holds the SDK classes, one module a topic, and `schema.json` the published Pulumi package
schema that is generated from them. `plugin` is the process `pulumi-resource-aifactory` that acts on
BMCs, switches and clusters; the other rooms are what it works with, and know no Pulumi.
"""
