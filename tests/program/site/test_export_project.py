"""What stands in an exported project, and how it is written to disk."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.program import FromEnvironment, FromSecret, Options, Ref, Take
from aifactory_iac.program.export import export_project, pinned_versions, write_project
from aifactory_iac.program.export.literals import Source, leaves, plain
from aifactory_iac.program.export.names import module, variables
from aifactory_iac.program.export.writing import MANIFEST

VERSIONS = {"pulumi": "3.1.0", "pulumi-aws": "7.2.0", "pulumi-kubernetes": "4.3.0"}


@pytest.fixture(scope="module")
def files(lowered, engineer, document):
    blueprint, _ = engineer(document)
    return export_project(lowered(document), blueprint, VERSIONS)


def test_only_pulumi_and_the_standard_library_are_imported(files):
    inside = {"components", "providers", "units", "wiring"}
    for path, text in files.items():
        if path.endswith(".py"):
            imported = {
                name.split(".")[0]
                for node in ast.walk(ast.parse(text))
                for name in (
                    [alias.name for alias in node.names]
                    if isinstance(node, ast.Import)
                    else [node.module or ""]
                    if isinstance(node, ast.ImportFrom) and not node.level
                    else []
                )
            }
            rest = imported - set(sys.stdlib_module_names) - inside
            assert rest <= {"pulumi", "pulumi_aws", "pulumi_kubernetes"}, path


def test_requirements_are_pulumis_packages_pinned(files):
    assert files["requirements.txt"] == (
        "pulumi==3.1.0\npulumi-aws==7.2.0\npulumi-kubernetes==4.3.0\n"
    )


def test_only_packages_that_are_used_are_required(lowered, engineer, changed):
    document = changed(orchestration__clusters=[], orchestration__services=[])
    blueprint, _ = engineer(document)
    text = export_project(lowered(document), blueprint, VERSIONS)["requirements.txt"]
    assert text == "pulumi==3.1.0\n"


def test_installed_versions_are_pinned_when_none_are_given():
    assert set(pinned_versions()) == set(VERSIONS)


def test_the_project_file(files):
    assert files["Pulumi.yaml"] == (
        'name: hybrid\nruntime: python\ndescription: "Metal and a burst"\n'
        "plugins:\n  providers:\n    - name: aifactory\n      path: plugin\n      version: 0.1.0\n"
    )


def test_a_project_without_metal_needs_no_plug_in_of_ours(lowered, engineer, changed):
    document = changed(orchestration__clusters=[], orchestration__services=[])
    blueprint, _ = engineer(document)
    found = lowered(document)
    cloud = replace(found, units=tuple(unit for unit in found.units if unit.site != "fra1"))
    bare = export_project(cloud, blueprint, VERSIONS)
    assert bare["Pulumi.yaml"] == (
        'name: hybrid\nruntime: python\ndescription: "Metal and a burst"\n'
    )
    assert "plugin/pulumi-resource-aifactory" not in bare
    assert "pulumi-resource-aifactory" not in bare["README.md"]


def test_the_stacks_of_the_repository_find_the_plug_in_by_the_same_script(files):
    from aifactory_iac import shipped

    script = shipped.folder("stacks") / "factory" / "plugin" / "pulumi-resource-aifactory"
    assert script.read_text() == files["plugin/pulumi-resource-aifactory"]
    assert script.stat().st_mode & 0o777 == 0o755


def plug_in(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    script = folder / "pulumi-resource-aifactory"
    script.write_text(f"#!/bin/sh\necho {text} $*\n")
    script.chmod(0o755)


def started(project: Path, path: str) -> subprocess.CompletedProcess[str]:
    script = project / "plugin" / "pulumi-resource-aifactory"
    environment = {"PATH": f"{path}:/usr/bin:/bin"}
    return subprocess.run(
        [script, "-v=3", "127.0.0.1:1"], env=environment, capture_output=True, text=True
    )


def test_the_script_starts_the_plug_in_of_the_project_or_else_of_the_path(files, tmp_path):
    project = tmp_path / "project"
    assert write_project(files, project) == ()
    assert started(project, "/nowhere").returncode == 1
    assert started(project, "/nowhere").stderr == (
        "pulumi-resource-aifactory is not installed; it comes with aifactory: "
        "pip install aifactory-iac\n"
    )
    plug_in(tmp_path / "bin", "path")
    assert started(project, str(tmp_path / "bin")).stdout == "path -v=3 127.0.0.1:1\n"
    plug_in(project / ".venv" / "bin", "hidden")
    assert started(project, str(tmp_path / "bin")).stdout == "hidden -v=3 127.0.0.1:1\n"
    plug_in(project / "venv" / "bin", "own")
    assert started(project, str(tmp_path / "bin")).stdout == "own -v=3 127.0.0.1:1\n"


def test_scripts_stay_executable_when_a_project_is_written_again(tmp_path):
    for text in ("#!/bin/sh\n", "#!/bin/sh\nexit\n", "no script\n"):
        assert write_project({"plugin/run": text, "main.py": ""}, tmp_path / "project") == ()
        mode = (tmp_path / "project" / "plugin" / "run").stat().st_mode
        assert bool(mode & 0o111) is text.startswith("#!")


def test_machines_are_data_beside_the_program(files):
    table = json.loads(files["tables/fra1_compute.json"])
    assert len(table["fra1-train"]["units"]["su001"]["machines"]) == 31
    assert 'units=table("fra1_compute", "fra1-train", "units")' in files["units/fra1_compute.py"]
    assert max(len(line) for line in files["units/fra1_compute.py"].splitlines()) <= 100


def test_a_unit_reads_like_a_program_by_hand(files):
    text = files["units/fra1_cluster.py"]
    assert text.startswith('"""Unit fra1/cluster of hybrid 1.2.3."""\n\nimport pulumi\n')
    assert 'fra1_compute = Upstream("fra1", "compute")' in text
    assert 'groups={"train": fra1_compute.output("train_groups")},' in text
    assert 'pulumi.export("metal_kubeconfig", pulumi.Output.secret(metal.kubeconfig))' in text


def test_the_readme_gives_the_order_and_the_environment(files):
    text = files["README.md"]
    order = [line.split("`")[1] for line in text.splitlines() if "| `dev." in line]
    assert order.index("dev.fra1.provisioning") < order.index("dev.fra1.compute")
    assert order.index("dev.aws-fra.cluster") < order.index("dev.aws-fra.platform")
    assert "- `AWS_ACCOUNT_ID`" in text
    assert "pulumi-resource-aifactory" in text


def test_the_readme_names_the_stacks_of_the_deployment(lowered, engineer, document):
    blueprint, _ = engineer(document)
    text = export_project(lowered(document), blueprint, VERSIONS, deployment="prod")["README.md"]
    assert "\npulumi stack init prod.fra1.compute\n" in text
    assert "\npulumi up --stack prod.fra1.compute\n" in text
    assert "dev.fra1" not in text


def test_wiring_holds_what_the_units_use_and_no_more(lowered, engineer, document):
    blueprint, _ = engineer(document)
    found = lowered(document)
    defined = functions(export_project(found, blueprint, VERSIONS)["wiring.py"])
    assert defined == ["Upstream", "later", "environment", "table"]
    kept = [
        replace(unit, calls=(secret_call(unit, store),), gives=(), providers=())
        for unit, store in zip(found.units, ("env", "file", "vault"), strict=False)
    ]
    text = export_project(replace(found, units=tuple(kept)), blueprint, VERSIONS)["wiring.py"]
    assert functions(text) == ["Upstream", "later", "environment", "secret_file", "config_secret"]
    assert [line for line in text.splitlines() if line.startswith(("import", "from"))] == [
        "import os",
        "from pathlib import Path",
        "from typing import Any",
        "import pulumi",
    ]


def secret_call(unit, store):
    return replace(unit.calls[0], args={"a": FromSecret(store, "x")}, options=Options())


def functions(source):
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]


def test_no_path_of_this_machine_and_no_toolkit_in_it(files):
    for text in files.values():
        assert str(Path.home()) not in text
        assert "aifactory_iac" not in text


def test_a_cloud_alone_carries_no_types_of_machines(lowered, engineer, changed):
    document = changed()
    document["orchestration"]["clusters"].pop(0)
    document["sites"] = document["sites"][1:]
    document["compute"] = document["compute"][1:]
    document["fabric"] = document["fabric"][3:]
    document["governance"] = {}
    blueprint, _ = engineer(document)
    found = export_project(lowered(document), blueprint, VERSIONS)
    assert not any(path.startswith(("providers/", "components/onprem")) for path in found)
    assert "pulumi-resource-aifactory" not in found["README.md"]


def test_equal_input_gives_equal_bytes(files, lowered, engineer, document):
    blueprint, _ = engineer(document)
    again = export_project(lowered(document), blueprint, VERSIONS)
    assert list(again.items()) == list(files.items())


def test_a_renamed_component_keeps_its_former_names(lowered, engineer, document):
    blueprint, _ = engineer(document)
    found = lowered(document)
    (compute,) = (unit for unit in found.units if unit.name == "fra1/compute")
    urn = "urn:pulumi:dev::old::aifactory:onprem:NodePool::trainers"
    call = replace(compute.calls[0], options=Options(aliases=("trainers", urn)))
    renamed = replace(found, units=(replace(compute, calls=(call,)),))
    text = export_project(renamed, blueprint, VERSIONS)["units/fra1_compute.py"]
    assert 'pulumi.Alias(name="trainers"),' in text
    assert f'"{urn}",' in text


# Literals


def source():
    return Source({"vpc": "vpc"}, {"cloud/network": "cloud_network"}, "cloud_cluster")


def test_deferred_values_are_code():
    rendered = source()
    value = {
        "a": Take("cloud/network.vpc_id", "VpcId"),
        "b": (Ref("vpc", "ids"), 1, True, None),
        "c": FromEnvironment("ACCOUNT"),
    }
    assert rendered.value(value) == (
        "{'a': cloud_network.output('vpc_id'), 'b': [vpc.ids, 1, True, None], "
        "'c': environment('ACCOUNT')}"
    )
    assert rendered.uses == {"environment"}


@pytest.mark.parametrize(
    ("store", "code", "uses"),
    [
        ("env", "pulumi.Output.secret(environment('x'))", {"environment", "pulumi"}),
        ("file", "secret_file('x')", {"secret_file"}),
        (
            "aws-secrets-manager",
            (
                "pulumi.Output.secret(pulumi_aws.secretsmanager.get_secret_version_output("
                "secret_id='x').secret_string)"
            ),
            {"pulumi", "pulumi_aws"},
        ),
        ("pulumi-config", "config_secret('x')", {"config_secret"}),
        ("vault", "config_secret('x')", {"config_secret"}),
    ],
)
def test_secrets_are_read_where_they_are_kept(store, code, uses):
    rendered = source()
    assert rendered.value(FromSecret(store, "x")) == code
    assert rendered.uses == uses


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_data_comes_back_from_its_source(value):
    assert plain(value)
    if leaves(value) <= 100 and "inf" not in repr(value):
        assert ast.literal_eval(source().value(value)) == value


@given(
    st.dictionaries(st.text(min_size=1), st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True))
)
def test_variables_are_distinct_and_free(wanted):
    found = variables(wanted, {"pulumi", "table"})
    assert len(set(found.values())) == len(wanted)
    for variable in found.values():
        ast.parse(f"{variable} = 1")
        assert variable not in {"pulumi", "table", "list", "import", "match"}


@pytest.mark.parametrize(
    ("unit", "name"), [("fra1/compute", "fra1_compute"), ("1st-hall/fabric", "n1st_hall_fabric")]
)
def test_modules_of_units(unit, name):
    assert module(unit) == name


# Writing

SMALL = {"README.md": "# a\n", "units/a.py": "a = 1\n"}


def content(directory):
    return {
        path.relative_to(directory).as_posix(): path.read_text()
        for path in directory.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_a_new_directory_appears_complete(tmp_path):
    target = tmp_path / "deep" / "project"
    assert write_project(SMALL, target) == ()
    assert content(target) == SMALL
    assert sorted(path.name for path in target.parent.iterdir()) == ["project"]


def test_an_empty_directory_is_filled(tmp_path):
    assert write_project(SMALL, tmp_path) == ()
    assert content(tmp_path) == SMALL


def test_our_own_export_is_brought_up_to_date_and_the_users_files_stay(tmp_path):
    write_project(SMALL, tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    assert write_project({"README.md": "# b\n"}, tmp_path) == ()
    assert content(tmp_path) == {"README.md": "# b\n", "Pulumi.dev.yaml": "config: {}\n"}


def test_anything_else_is_refused_untouched(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    (finding,) = write_project(SMALL, tmp_path)
    assert finding.rule == "AIF-PRG-101"
    assert "was not written by an export" in finding.message
    assert content(tmp_path) == {"thesis.tex": "years of work"}


def test_force_writes_beside_what_is_there(tmp_path):
    (tmp_path / "notes.md").write_text("mine")
    assert write_project(SMALL, tmp_path, force=True) == ()
    assert content(tmp_path) == {**SMALL, "notes.md": "mine"}


def test_a_file_is_no_directory(tmp_path):
    (tmp_path / "x").write_text("")
    (finding,) = write_project(SMALL, tmp_path / "x")
    assert finding.message.endswith("is a file.")


@pytest.mark.parametrize("path", ["../evil.py", "/etc/passwd", "a/../../b", ""])
def test_nothing_is_written_outside(tmp_path, path):
    target = tmp_path / "project"
    (finding,) = write_project({path: "x"}, target)
    assert finding.rule == "AIF-PRG-100"
    assert not target.exists()


def test_a_link_that_leads_out_is_refused(tmp_path):
    target, outside = tmp_path / "project", tmp_path / "outside"
    write_project(SMALL, target)
    outside.mkdir()
    (target / "tables").symlink_to(outside)
    (finding,) = write_project({**SMALL, "tables/a.json": "{}"}, target)
    assert finding.rule == "AIF-PRG-100"
    assert list(outside.iterdir()) == []


def test_a_failure_half_way_leaves_nothing_behind(tmp_path):
    target = tmp_path / "project"
    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        write_project({"a": "x", "a/b": "y"}, target)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_manifest_is_not_ours(tmp_path):
    (tmp_path / MANIFEST).write_text("[]")
    (finding,) = write_project(SMALL, tmp_path)
    assert finding.rule == "AIF-PRG-101"


def test_a_manifest_cannot_name_files_outside(tmp_path):
    target = tmp_path / "project"
    write_project(SMALL, target)
    victim = tmp_path / "victim"
    victim.write_text("keep")
    (target / MANIFEST).write_text(json.dumps({"files": {"../victim": "0"}}))
    assert write_project(SMALL, target) == ()
    assert victim.read_text() == "keep"
