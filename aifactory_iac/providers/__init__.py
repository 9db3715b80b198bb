"""The toolkit's own Pulumi provider package, `aifactory`: its schema and its typed SDK classes.

`schema.json` is the published Pulumi package schema; `metal` holds the SDK classes, one module a
resource. This package describes desired state only. The plug-in process that acts on BMCs and
switches, `pulumi-resource-aifactory`, is not part of this version: programs that use these types
can be planned, checked and exported, and need that plug-in to be applied.
"""
