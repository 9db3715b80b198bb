"""A lowered blueprint as a stand-alone Pulumi project that needs Pulumi's own packages alone."""

from aifactory_iac.program.export.project import export_project, pinned_versions
from aifactory_iac.program.export.writing import write_project

__all__ = ["export_project", "pinned_versions", "write_project"]
