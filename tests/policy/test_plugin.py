"""A rule folder of somebody else's stands beside the shipped one and cannot soften it."""

from __future__ import annotations

from pathlib import Path

from aifactory_iac.policy import evaluate, load_rules, render_path
from aifactory_iac.policy.example import prove

OUTSIDE = Path(__file__).parent / "outside"


def test_an_outside_folder_adds_rules_packs_profiles_and_controls(tiny):
    library = load_rules([OUTSIDE])
    assert (library.broken, library.problems) == ((), ())
    rule = library.rules["ACME-CMP-001"]
    assert (rule.layer, rule.file) == ("compute", "compute/named_owner.py")
    assert library.packs_of(rule.id) == ("acme",)
    assert library.rationale(rule) == {"acme:naming": "The prefix is checked"}
    verdict = evaluate(tiny(), library, profile="acme")
    assert [(item.rule.id, render_path(item.path), item.message) for item in verdict.findings] == [
        ("ACME-CMP-001", "compute.a.name", "pool `a` does not start with `train`"),
        ("ACME-CMP-001", "compute.b.name", "pool `b` does not start with `train`"),
    ]
    assert verdict.exit_code == 3


def test_its_pack_is_added_to_a_shipped_profile_by_name(tiny):
    library = load_rules([OUTSIDE])
    verdict = evaluate(tiny(), library, profile="development", packs=["acme"])
    assert verdict.packs == ("acme", "core")
    own = [item for item in verdict.findings if item.rule.id == "ACME-CMP-001"]
    assert [item.message for item in own] == [
        "pool `a` does not start with `acme-`",
        "pool `b` does not start with `acme-`",
    ]


def test_its_examples_are_proven_like_the_shipped_ones(tiny):
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.policy import Context

    def build(document, case, rule):
        some = tiny()
        return Context(Blueprint.model_validate(document), None, (), some.catalog, some.at)

    library = load_rules([OUTSIDE])
    proofs = list(prove(library.rules["ACME-CMP-001"], library, build))
    assert [(proof.kind, proof.faults) for proof in proofs] == [("good", ()), ("bad", ())]


def test_a_folder_cannot_take_the_name_of_a_shipped_rule_pack_or_profile(folder, tiny):
    folder.rule(name="AIF-CMP-009").pack("AIF-CMP-009").profile("standard", levels="{high: off}")
    library = load_rules([folder.path])
    assert [item.reason for item in library.broken] == [
        "rule id AIF-CMP-009 is already taken by compute/secure_boot.py"
    ]
    assert [problem.key for problem in library.problems] == [
        "twice:pack:core",
        "twice:profile:standard",
    ]
    verdict = evaluate(tiny("a"), library)
    assert "AIF-CMP-009" in {item.rule.id for item in verdict.findings if item.blocking}


def test_a_folder_that_is_not_there_is_a_finding(tmp_path, tiny):
    library = load_rules([tmp_path / "nowhere"])
    verdict = evaluate(tiny(), library)
    keys = {item.key for item in verdict.findings if item.rule.id == "AIF-POL-001"}
    assert keys == {"folder:nowhere"}


def test_a_folder_gives_its_own_reasons_for_a_framework_that_ships(folder):
    folder.rule(name="XAM-CMP-001").pack("XAM-CMP-001")
    (folder.path / "packs" / "core.yaml").rename(folder.path / "packs" / "own.yaml")
    file = folder.path / "packs" / "own.yaml"
    file.write_text(file.read_text().replace("name: core", "name: own"))
    folder.write(
        "controls/soc2.yaml",
        """
        framework: soc2
        title: SOC 2
        source: AICPA
        controls:
          CC6.8: {title: Ours, supports: {XAM-CMP-001: Their reason, AIF-CMP-009: Another reason}}
          CC1.1: {title: Integrity, supports: {XAM-CMP-001: A control of their own}}
        """,
    )
    library = load_rules([folder.path])
    assert library.problems == ()
    control = library.controls["soc2"].controls["CC6.8"]
    assert control.title == "Unauthorized software is prevented or detected"
    assert control.supports["XAM-CMP-001"] == "Their reason"
    assert control.supports["AIF-CMP-009"] == "Unsigned boot code does not start"
    assert "CC1.1" in library.controls["soc2"].controls
