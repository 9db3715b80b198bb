"""The plug-in process `pulumi-resource-aifactory`: Pulumi's wire in, plain values out."""
