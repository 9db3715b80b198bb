"""Governance: classes and places of data, tenants, roles, money, approvals, audit."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import (
    Count,
    DataClass,
    Date,
    Flag,
    Layer,
    Name,
    Named,
    Number,
    Positive,
)
from aifactory_iac.blueprint.quantity import CarbonIntensity, Duration, Money, MoneyRate
from aifactory_iac.blueprint.spec import Impact, Spec

Framework = Literal[
    "soc2", "iso27001", "nist-800-53", "nist-800-234", "cis-eks", "eu-ai-act", "eed", "hipaa"
]


class Quota(Layer):
    """What a tenant may use at once."""

    gpus: Annotated[Count, Spec("Guaranteed GPUs.", Impact.IN_PLACE)]


class Tenant(Named):
    """A team or customer."""

    quota: Annotated[Quota, Spec("Guaranteed share.", Impact.IN_PLACE)]
    borrows: Annotated[Flag, Spec("May use idle quota of others.", Impact.IN_PLACE)] = False
    on: Annotated[
        tuple[Name, ...],
        Spec(
            "Clusters it uses; all when empty.", Impact.IN_PLACE, refers_to="orchestration.clusters"
        ),
    ] = ()
    isolation: Annotated[
        Literal["shared", "dedicated-nodes"], Spec("Whether it shares nodes.", Impact.DRAIN)
    ] = "shared"
    budget: Annotated[MoneyRate | None, Spec("Most it may spend.", Impact.IN_PLACE)] = None
    data: Annotated[
        tuple[Name, ...], Spec("Datasets it owns.", Impact.IN_PLACE, refers_to="storage.datasets")
    ] = ()


class Role(Named):
    """Who may do what, where."""

    members: Annotated[
        tuple[Name, ...], Field(min_length=1), Spec("Groups or users.", Impact.IN_PLACE)
    ]
    may: Annotated[
        tuple[Literal["read", "plan", "apply", "approve", "admin"], ...],
        Field(min_length=1),
        Spec("What they may do.", Impact.IN_PLACE),
    ]
    on: Annotated[
        tuple[Name, ...], Spec("Sites; all when empty.", Impact.IN_PLACE, refers_to="sites")
    ] = ()


class Approvals(Layer):
    """Named approvals needed before a class of change is applied."""

    data_loss: Annotated[
        Count, Field(alias="data-loss"), Spec("For changes that lose data.", Impact.NONE)
    ] = 2
    replace: Annotated[Count, Spec("For changes that replace things.", Impact.NONE)] = 1


class AuditSink(Layer):
    """Where the audit trail goes."""

    tier: Annotated[Name, Spec("Object tier.", Impact.IN_PLACE, refers_to="storage.tiers")]
    prefix: Annotated[Name, Spec("Key prefix.", Impact.IN_PLACE)] = "audit/"


class Audit(Layer):
    """The audit trail."""

    sink: Annotated[AuditSink, Spec("Where it goes.", Impact.IN_PLACE)]
    retain: Annotated[Duration, Spec("How long it is kept.", Impact.DATA_LOSS)]


class Exchange(Layer):
    """An exchange rate, dated and sourced; none is ever assumed."""

    usd: Annotated[Number, Field(gt=0), Spec("US dollars for one unit.", Impact.NONE)]
    date: Annotated[Date, Spec("Date of the rate.", Impact.NONE)]
    source: Annotated[Name, Spec("Who published it.", Impact.NONE)]


class Budget(Layer):
    """Money the factory may cost."""

    capex: Annotated[Money | None, Spec("To build it.", Impact.NONE)] = None
    opex: Annotated[MoneyRate | None, Spec("To run it.", Impact.NONE)] = None
    carbon: Annotated[
        CarbonIntensity | None, Spec("Highest intensity of the energy used.", Impact.NONE)
    ] = None


Place = Annotated[str, Field(pattern=r"^([A-Z]{2}|EU|EEA|ANY)$")]
"""A country, or a group of countries."""


class Governance(Layer):
    """Rules that the factory answers to."""

    residency: Annotated[
        dict[DataClass, tuple[Place, ...]],
        Spec("Countries or groups (EU, EEA, ANY) where data of a class may be.", Impact.IN_PLACE),
    ] = Field(default_factory=dict)
    frameworks: Annotated[
        tuple[Framework, ...], Spec("Control frameworks to report on.", Impact.NONE)
    ] = ()
    profile: Annotated[
        Name, Spec("Policy profile: which rules block.", Impact.NONE, example="regulated")
    ] = "standard"
    tenants: Annotated[tuple[Tenant, ...], Spec("Tenants.", Impact.IN_PLACE)] = ()
    roles: Annotated[tuple[Role, ...], Spec("Roles.", Impact.IN_PLACE)] = ()
    approvals: Annotated[Approvals, Spec("Approvals needed.", Impact.NONE)] = (
        Approvals.model_construct()
    )
    audit: Annotated[Audit | None, Spec("The audit trail.", Impact.IN_PLACE)] = None
    budget: Annotated[Budget | None, Spec("Money the factory may cost.", Impact.NONE)] = None
    exchange: Annotated[
        dict[Literal["EUR", "GBP", "CHF", "JPY", "SEK", "NOK", "SGD", "AED", "INR"], Exchange],
        Spec("Exchange rates to compare budgets in other currencies.", Impact.NONE),
    ] = Field(default_factory=dict)
    environment: Annotated[
        Literal["development", "staging", "production"],
        Spec("What the deployment is for; production is protected from deletion.", Impact.IN_PLACE),
    ] = "development"
    tags: Annotated[
        dict[Name, Name], Spec("Labels on every resource that takes them.", Impact.IN_PLACE)
    ] = Field(default_factory=dict)
    term: Annotated[
        Positive, Field(le=30), Spec("Years over which capital cost is spread.", Impact.NONE)
    ] = 5
