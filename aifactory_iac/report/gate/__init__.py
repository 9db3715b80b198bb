"""The gate's verdict in every form that `check --format` knows."""

from collections.abc import Callable, Mapping

from aifactory_iac.policy import Verdict
from aifactory_iac.report.gate.annotations import github_text, gitlab_text
from aifactory_iac.report.gate.junit import junit_text
from aifactory_iac.report.gate.markdown import markdown_text
from aifactory_iac.report.gate.sarif import sarif_text

FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "sarif": sarif_text,
    "junit": junit_text,
    "github": github_text,
    "gitlab": gitlab_text,
    "markdown": markdown_text,
}

__all__ = ["FORMATS"]
