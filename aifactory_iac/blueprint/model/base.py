"""What all layers of the model share: strict frozen models and the common scalar types."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

from aifactory_iac.blueprint.spec import Impact, ReadAtApply, Spec


class Layer(BaseModel):
    """A frozen mapping of the blueprint; unknown keys are findings.

    A layer that is a default is made with `model_construct`: validating it would build a schema of
    its own at import, ten of them a third of the time that loading takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Named(Layer):
    """An item of a named list. Its identity is its name, never its position."""

    name: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"),
        Spec("Name, unique in its list; a change is a new thing.", Impact.REPLACE),
    ]


Count = Annotated[int, Strict(), Field(ge=0, le=10_000_000)]
Positive = Annotated[int, Strict(), Field(ge=1, le=10_000_000)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Ratio = Annotated[float, Strict(), Field(ge=0.0, le=1.0)]
Flag = Annotated[bool, Strict()]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
"""ISO 8601 calendar date."""
Instant = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$")]
"""ISO 8601 instant in UTC."""
Cidr = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")]
Deferred = Annotated[str, StringConstraints(min_length=1, max_length=2000), ReadAtApply()]
"""Text that may be a whole `${env:NAME}` reference: unknown to plans, read only when applying."""
DEFERRED_REFERENCE = re.compile(r"\$\{env:[A-Za-z_][A-Za-z0-9_]*\}\Z")
"""What a `Deferred` text is when it is a reference."""

DataClass = Literal["public", "internal", "confidential", "restricted"]
Zone = Literal["access", "management", "compute", "data-storage"]
"""The four zones of NIST SP 800-223."""
Trust = Literal["site-ca", "system-ca", "pinned", "insecure"]
"""Which certificate, or over SSH which host key, a device must show."""


class SecretRef(Layer):
    """Where a secret is kept. The secret itself never stands in a blueprint."""

    secret: Annotated[
        Literal["env", "file", "pulumi-config", "aws-secrets-manager", "vault"],
        Spec("The kind of store that keeps the secret.", Impact.IN_PLACE),
    ]
    path: Annotated[
        Name,
        Spec(
            "Name of the variable, path of the file, config key, or ARN of the secret.",
            Impact.IN_PLACE,
            example="bmc.age",
        ),
    ]
