"""Workloads: what the factory is for; demand that the design is sized against."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import Layer, Name, Named, Number, Positive, Ratio
from aifactory_iac.blueprint.quantity import Duration, Size, TokenRate
from aifactory_iac.blueprint.spec import Impact, Spec

Precision = Literal["fp32", "tf32", "bf16", "fp8", "fp6", "fp4", "int8"]


class Checkpoint(Layer):
    """How training state is saved."""

    every: Annotated[Duration, Spec("Time between checkpoints.", Impact.IN_PLACE)]
    to: Annotated[Name, Spec("The tier they go to.", Impact.IN_PLACE, refers_to="storage.tiers")]
    keep: Annotated[Positive, Spec("Checkpoints kept.", Impact.IN_PLACE)] = 5


class Mfu(Layer):
    """Model FLOPS utilisation as a range; the catalog's default when not given."""

    low: Annotated[Ratio, Spec("Pessimistic.", Impact.NONE)]
    mid: Annotated[Ratio, Spec("Expected.", Impact.NONE)]
    high: Annotated[Ratio, Spec("Optimistic.", Impact.NONE)]


class Slo(Layer):
    """What a service promises."""

    ttft: Annotated[Duration | None, Spec("Time to first token.", Impact.NONE)] = None
    throughput: Annotated[TokenRate | None, Spec("Tokens per second at peak.", Impact.NONE)] = None
    availability: Annotated[Ratio | None, Spec("Share of time in service.", Impact.NONE)] = None
    requests_per_week: Annotated[
        Number | None, Field(gt=0), Spec("Requests in a week.", Impact.NONE)
    ] = None
    tokens_per_request: Annotated[
        Number | None, Field(gt=0), Spec("Output tokens of one request.", Impact.NONE)
    ] = None
    peak_factor: Annotated[
        Number, Field(ge=1.0, le=100.0), Spec("Peak over mean rate.", Impact.NONE)
    ] = 2.0


class WorkloadBase(Named):
    """What all workloads share."""

    on: Annotated[
        Name | tuple[Name, ...],
        Spec(
            "The cluster, or clusters in order of preference.",
            Impact.IN_PLACE,
            refers_to="orchestration.clusters",
        ),
    ]
    tenant: Annotated[
        Name | None, Spec("Who runs it.", Impact.IN_PLACE, refers_to="governance.tenants")
    ] = None
    data: Annotated[
        tuple[Name, ...],
        Spec("Datasets that it reads.", Impact.IN_PLACE, refers_to="storage.datasets"),
    ] = ()
    owner: Annotated[Name | None, Spec("Who answers for it.", Impact.NONE)] = None
    purpose: Annotated[Name | None, Spec("What it is for.", Impact.NONE)] = None
    risk_class: Annotated[
        Literal["minimal", "limited", "high"] | None,
        Spec("Risk class under the EU AI Act.", Impact.NONE),
    ] = None
    priority: Annotated[
        Literal["low", "normal", "high"], Spec("Priority in the queue.", Impact.IN_PLACE)
    ] = "normal"

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters it may run on, in order of preference."""
        return (self.on,) if isinstance(self.on, str) else self.on


class Training(WorkloadBase):
    """Training or fine-tuning of one model."""

    kind: Annotated[Literal["training", "fine-tuning"], Spec("A training.", Impact.IN_PLACE)]
    framework: Annotated[
        Literal["pytorch", "jax", "megatron", "nemo"], Spec("Framework.", Impact.IN_PLACE)
    ] = "pytorch"
    parameters: Annotated[
        Number, Field(gt=0, le=1e15), Spec("Parameters of the model.", Impact.NONE, example=70e9)
    ]
    tokens: Annotated[
        Number, Field(gt=0, le=1e18), Spec("Tokens it is trained on.", Impact.NONE, example=1.4e12)
    ]
    precision: Annotated[Precision, Spec("Precision of the matrix products.", Impact.NONE)] = "bf16"
    gpus: Annotated[
        Positive | None, Spec("GPUs it runs on; all of the cluster when not given.", Impact.NONE)
    ] = None
    mfu: Annotated[Mfu | None, Spec("Model FLOPS utilisation.", Impact.NONE)] = None
    checkpoint: Annotated[Checkpoint | None, Spec("Checkpoints.", Impact.IN_PLACE)] = None
    checkpoint_size: Annotated[
        Size | None,
        Spec("Size of one checkpoint; from the parameters when not given.", Impact.NONE),
    ] = None
    cadence: Annotated[Duration | None, Spec("Time between runs, for retraining.", Impact.NONE)] = (
        None
    )


class Batch(WorkloadBase):
    """Jobs without a deadline: sweeps, simulation, batch inference, synthetic data."""

    kind: Annotated[
        Literal["batch", "simulation", "data-processing"],
        Spec("A batch workload.", Impact.IN_PLACE),
    ]
    nodes: Annotated[Positive, Spec("Nodes of one job.", Impact.IN_PLACE)] = 1
    gpu_hours_per_week: Annotated[
        Number | None, Field(ge=0), Spec("Demand in GPU-hours per week.", Impact.NONE)
    ] = None
    checkpoint: Annotated[Checkpoint | None, Spec("Checkpoints.", Impact.IN_PLACE)] = None


class Serving(WorkloadBase):
    """A model in service."""

    kind: Annotated[Literal["serving"], Spec("A serving workload.", Impact.IN_PLACE)]
    engine: Annotated[
        Literal["dynamo", "nim", "vllm", "triton", "sglang", "tensorrt-llm"],
        Spec("Serving engine.", Impact.ROLLING),
    ] = "vllm"
    model: Annotated[
        Name, Spec("Model: a training workload's name, or a name with revision.", Impact.ROLLING)
    ]
    parameters: Annotated[
        Number | None,
        Field(gt=0, le=1e15),
        Spec("Parameters; the training workload's when `model` names one.", Impact.NONE),
    ] = None
    precision: Annotated[Precision, Spec("Precision of the weights.", Impact.ROLLING)] = "fp8"
    slo: Annotated[Slo, Spec("What the service promises.", Impact.NONE)] = Slo.model_construct()
    tokens_per_gpu: Annotated[
        TokenRate | None,
        Spec(
            "Measured tokens per second of one GPU, with its source in `tokens_per_gpu_source`.",
            Impact.NONE,
        ),
    ] = None
    tokens_per_gpu_source: Annotated[
        Name | None, Spec("Where `tokens_per_gpu` was measured.", Impact.NONE)
    ] = None
    target_utilisation: Annotated[
        Ratio, Field(gt=0), Spec("Share of a GPU's rate to plan with.", Impact.NONE)
    ] = 0.7
    replicas: Annotated[
        Positive | None, Spec("Replicas; from the promise when not given.", Impact.IN_PLACE)
    ] = None


Workload = Annotated[Training | Batch | Serving, Field(discriminator="kind")]
