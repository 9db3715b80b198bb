"""The Python API, for notebooks and other tools: `load`, `design`, `check`, `plan`, as values.

    from aifactory_iac.api import load, design, check, plan

    factory = load("superpod-h100", parameters={"scalable_units": "2"})
    print(design(factory).pools["dgx"].gpus)      # 504
    print(check(factory).outcome)                 # "pass"
    print(plan(factory).counts)

Nothing here prints, asks, or raises for what a document says: findings come back as values. What
needs a valid document raises `InvalidBlueprintError`, which carries them. Cloud SDKs are imported
only by `check` and `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac.blueprint import Loaded, Request
from aifactory_iac.blueprint import load as load_document
from aifactory_iac.catalog import Catalog
from aifactory_iac.findings import Finding, has_blocking, in_order

if TYPE_CHECKING:
    import datetime as dt

    from aifactory_iac.blueprint.explain import Explanation
    from aifactory_iac.blueprint.model import Blueprint
    from aifactory_iac.deploy import Plan
    from aifactory_iac.design.model import Design
    from aifactory_iac.policy import Rule, RuleLibrary, Verdict
    from aifactory_iac.policy.example import Proof


class InvalidBlueprintError(ValueError):
    """The document is invalid, or what it asks for cannot be built; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """`findings` are located and in order."""
        super().__init__("; ".join(finding.message for finding in findings[:3]))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Factory:
    """A loaded document with the catalog it was loaded against."""

    loaded: Loaded
    catalog: Catalog

    @property
    def valid(self) -> bool:
        """Whether the document, and every catalog overlay, can be worked with."""
        return self.loaded.blueprint is not None and not has_blocking(self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the loader and the catalog found, located, in order."""
        return in_order((*self.loaded.findings, *self.catalog.findings))

    @property
    def blueprint(self) -> Blueprint:
        """The typed blueprint; raises `InvalidBlueprintError` when there is none."""
        if self.loaded.blueprint is None or not self.valid:
            raise InvalidBlueprintError(self.findings)
        return self.loaded.blueprint

    def locate(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings with the source line that each path was written on, in order."""
        return self.loaded.locate(tuple(findings))


def load(
    target: str,
    *,
    parameters: Mapping[str, str] | None = None,
    values: Path | None = None,
    library: Sequence[Path] = (),
    catalog: Sequence[Path] = (),
) -> Factory:
    """Loads a blueprint or stack with all its layers.

    Args:
        target: A library name (`superpod-h100`, `superpod-h100@^1`), a folder, or a file.
        parameters: Values of parameters as text, read as YAML scalars; they win over all else.
        values: A YAML file of parameter values.
        library: Folders of blueprints to search before the shipped library.
        catalog: Overlay files with facts of your own, over those that the stack names.

    Returns:
        The factory, valid or not; `findings` say what is wrong and where. Nothing is raised for
        what a document says.
    """
    request = Request(target, dict(parameters or {}), values, tuple(library))
    facts = Catalog.shipped(tuple(catalog))
    loaded = load_document(request, facts)
    overlays = _overlays_of(loaded)
    if not overlays:
        return Factory(loaded, facts)
    facts = Catalog.shipped((*overlays, *catalog))
    return Factory(load_document(request, facts), facts)


def design(factory: Factory) -> Design:
    """Engineers the factory: pure, and the same for the same input.

    The design's own `findings` say what cannot be built (at high severity or above) and what rests
    on a fact that no source proves. Raises `InvalidBlueprintError` when the document is invalid.
    """
    from aifactory_iac.design import design as engineer

    return engineer(factory.blueprint, factory.catalog)


def explain(factory: Factory, path: str) -> Explanation:
    """Where the value at a dotted path comes from, layer by layer, and what a change of it does."""
    from aifactory_iac.blueprint.explain import explain as explained

    return explained(factory.loaded, path)


def check(
    factory: Factory,
    *,
    packs: Sequence[str] = (),
    profile: str | None = None,
    waivers: Path | None = None,
    rules: Sequence[Path] = (),
    fail_on: str | None = None,
    at: dt.date | None = None,
) -> Verdict:
    """Holds the factory against the rules over blueprint, design and planned resources.

    Args:
        factory: What `load` gave.
        packs: Rule packs to add to the profile's.
        profile: Policy profile instead of the blueprint's own.
        waivers: Waiver file; the stack's when not given.
        rules: Folders with rules of your own.
        fail_on: Block from this severity on, whatever the profile says.
        at: Day on which expiry is judged; today when not given.

    Raises:
        InvalidBlueprintError: The document is invalid, or cannot be built.
    """
    return _Run(factory).verdict(packs, profile, waivers, rules, fail_on, at)


def plan(
    factory: Factory,
    *,
    state: Path | None = None,
    packs: Sequence[str] = (),
    profile: str | None = None,
    waivers: Path | None = None,
    rules: Sequence[Path] = (),
    fail_on: str | None = None,
    at: dt.date | None = None,
) -> Plan:
    """Plans every resource, offline, against the last state where there is one.

    Args:
        factory: What `load` gave.
        state: Folder of a Pulumi file backend; the stack's own when not given.
        packs: As for `check`, and so are the others.
        profile: See `check`.
        waivers: See `check`.
        rules: See `check`.
        fail_on: See `check`.
        at: See `check`.

    Raises:
        InvalidBlueprintError: The document is invalid, or cannot be built.
    """
    return planned(
        factory,
        state=state,
        packs=packs,
        profile=profile,
        waivers=waivers,
        rules=rules,
        fail_on=fail_on,
        at=at,
    ).plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the design it was made from and the verdict it carries."""

    plan: Plan
    design: Design
    verdict: Verdict


def planned(
    factory: Factory,
    *,
    state: Path | None = None,
    packs: Sequence[str] = (),
    profile: str | None = None,
    waivers: Path | None = None,
    rules: Sequence[Path] = (),
    fail_on: str | None = None,
    at: dt.date | None = None,
) -> Planned:
    """As `plan`, with the design and the verdict beside it."""
    run = _Run(factory)
    verdict = run.verdict(packs, profile, waivers, rules, fail_on, at)
    return Planned(run.plan(verdict, state), run.design, verdict)


def export(factory: Factory) -> Mapping[str, str]:
    """The factory as a stand-alone Pulumi project: text by file name, writing nothing.

    Raises `InvalidBlueprintError` when the document is invalid, or cannot be built.
    """
    from aifactory_iac.deploy import deployment_of
    from aifactory_iac.program import lower
    from aifactory_iac.program.export import export_project

    lowered = lower(factory.blueprint, _built(factory), factory.catalog)
    if has_blocking(lowered.findings):
        raise InvalidBlueprintError(factory.locate(lowered.findings))
    deployment = deployment_of(factory.loaded).stack
    return export_project(lowered, factory.blueprint, deployment=deployment)


def results(factory: Factory, verb: str) -> Mapping[str, Any]:
    """The JSON document of a verb (`design`, `estimate`, `check` or `plan`), as the CLI prints it.

    Raises `KeyError` for another verb and `InvalidBlueprintError` when the factory cannot be built.
    """
    if verb == "design":
        from aifactory_iac.design import document

        return document(_built(factory))
    if verb == "estimate":
        from aifactory_iac.design.estimate_document import estimate_document

        return estimate_document(_built(factory))
    if verb == "check":
        return check(factory).document()
    if verb == "plan":
        return plan(factory).document()
    raise KeyError(verb)


def _built(factory: Factory) -> Design:
    engineered = design(factory)
    if has_blocking(engineered.findings):
        raise InvalidBlueprintError(factory.locate(engineered.findings))
    return engineered


def _overlays_of(loaded: Loaded) -> tuple[Path, ...]:
    """Catalog overlays that the stack names, relative to the stack file."""
    if loaded.stack is None or loaded.stack_path is None:
        return ()
    return tuple(loaded.stack_path.parent / name for name in loaded.stack.catalog)


class _Run:
    """One pass over a factory: engineered once, lowered once, its programs run once."""

    def __init__(self, factory: Factory) -> None:
        from aifactory_iac.deploy import construct_units, deployment_of
        from aifactory_iac.program import lower

        self.factory = factory
        self.design = _built(factory)
        self.lowered = lower(factory.blueprint, self.design, factory.catalog)
        if has_blocking(self.lowered.findings):
            raise InvalidBlueprintError(factory.locate(self.lowered.findings))
        self.deployment = deployment_of(factory.loaded)
        self.constructed = construct_units(self.lowered.units, self.deployment)
        failures = [each for done in self.constructed for each in done.construction.findings]
        if has_blocking(failures):
            raise InvalidBlueprintError(factory.locate(failures))

    def verdict(
        self,
        packs: Sequence[str],
        profile: str | None,
        waivers: Path | None,
        rules: Sequence[Path],
        fail_on: str | None,
        at: dt.date | None,
    ) -> Verdict:
        """The gate's answer on what would be provisioned, whatever is there already."""
        import datetime as dt

        from aifactory_iac.findings import Severity
        from aifactory_iac.policy import Context, evaluate, load_rules, load_waivers

        file = waivers or self._waivers_of_stack()
        context = Context(
            blueprint=self.factory.blueprint,
            design=self.design,
            planned=tuple(
                resource for done in self.constructed for resource in done.construction.resources
            ),
            catalog=self.factory.catalog,
            at=at or dt.datetime.now(tz=dt.UTC).date(),
        )
        verdict = evaluate(
            context,
            load_rules(tuple(rules)),
            profile=profile,
            packs=packs,
            waivers=load_waivers(file) if file is not None else None,
            fail_on=Severity(fail_on) if fail_on else None,
        )
        return verdict.located(lambda each: self.factory.locate(tuple(each)))

    def plan(self, verdict: Verdict, state: Path | None) -> Plan:
        """The sealed plan against the last state of every unit."""
        from aifactory_iac.deploy import plan as planned

        return planned(
            self.factory.loaded,
            self.design,
            self.lowered,
            verdict,
            self.deployment,
            catalog=self.factory.catalog,
            state=state or self._state_of_stack(),
            constructed=self.constructed,
        )

    def _waivers_of_stack(self) -> Path | None:
        loaded = self.factory.loaded
        if loaded.stack is None or loaded.stack_path is None or loaded.stack.waivers is None:
            return None
        return loaded.stack_path.parent / loaded.stack.waivers

    def _state_of_stack(self) -> Path | None:
        loaded = self.factory.loaded
        if loaded.stack is None or loaded.stack_path is None:
            return None
        url = loaded.stack.backend.url
        return (
            loaded.stack_path.parent / url.removeprefix("file://")
            if url.startswith("file://")
            else None
        )


def prove(library: RuleLibrary, rule: str) -> tuple[Proof, ...]:
    """Runs all rules over the good and bad examples of one rule; empty faults are a proof.

    Examples run on the real design and the really planned resources. Raises `KeyError` for a rule
    that is not in the library.
    """
    import datetime as dt

    from aifactory_iac.blueprint.model import Blueprint
    from aifactory_iac.deploy import Deployment, planned_resources
    from aifactory_iac.design import design as engineer
    from aifactory_iac.policy import Context
    from aifactory_iac.policy.example import Case, planned, prove
    from aifactory_iac.program import lower

    catalog = Catalog.shipped()
    day = dt.datetime.now(tz=dt.UTC).date()

    def build(document: Mapping[str, Any], case: Case, judged: Rule) -> Context:
        blueprint = Blueprint.model_validate(document)
        made = engineer(blueprint, catalog)
        resources = planned(case)
        if case.resources is None and "resources" in judged.needs:
            units = lower(blueprint, made, catalog).units
            resources, _ = planned_resources(units, Deployment(blueprint.metadata.name))
        return Context(blueprint, made, resources, catalog, case.at or day)

    return tuple(prove(library.rules[rule], library, build))
