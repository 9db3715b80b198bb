"""Pulumi component resources by target; they import only Pulumi, so that an export carries them."""
