"""The picture: well-formed, the same every time, with exactly what there is in it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import fields, replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from aifactory_iac.api import design, load
from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.library import volumes
from aifactory_iac.report.graph import factory_svg
from aifactory_iac.report.graph.canvas import STYLE, Canvas
from aifactory_iac.report.graph.factory import WIDTH

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [volume.name for volume in volumes()]


def drawn(name: str, **parameters: str) -> tuple[str, ET.Element]:
    factory = load(name, parameters=parameters)
    text = factory_svg(factory.blueprint, design(factory))
    return text, ET.fromstring(text)


@pytest.fixture(scope="module", params=NAMES)
def picture(request) -> tuple[str, ET.Element]:
    return drawn(request.param)


def shapes(root: ET.Element, kind: str) -> list[ET.Element]:
    return [each for each in root if each.tag == f"{SVG}{kind}"]


def styles(root: ET.Element) -> Counter[str]:
    return Counter(each.get("class", "") for each in shapes(root, "rect"))


def texts(root: ET.Element) -> list[str]:
    return [each.text or "" for each in shapes(root, "text")]


def test_every_style_that_is_used_is_defined(picture):
    _, root = picture
    used = {style for each in root for style in each.get("class", "").split()}
    assert used <= set(re.findall(r"\.([a-z]+)", STYLE))


def test_everything_stands_inside_the_picture(picture):
    _, root = picture
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    assert (width, root.get("viewBox")) == (WIDTH, f"0 0 {WIDTH:.0f} {root.get('height')}")
    for each in shapes(root, "rect")[1:]:
        x, y, w, h = (float(each.get(side, 0)) for side in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width + 1e-6
        assert 0 <= y <= y + h <= height
    for each in shapes(root, "text"):
        wide = 6.2 if "note" in each.get("class", "") else 5
        assert float(each.get("x", 0)) + (len(each.text or "") * wide) / 2 <= width
        assert float(each.get("y", 0)) <= height


def test_no_label_is_written_over_another(picture):
    _, root = picture
    size = {"tiny": 9.0, "note": 11.0, "name": 14.0, "title": 20.0}
    boxes = []
    for each in shapes(root, "text"):
        em = next(size[style] for style in each.get("class", "").split() if style in size)
        x, y = float(each.get("x", 0)), float(each.get("y", 0))
        wide = 0.55 * em * len(each.text or "")
        left = x - wide / 2 if each.get("text-anchor") == "middle" else x
        boxes.append((left, y - 0.75 * em, left + wide, y, each.text))
    boxes.sort(key=lambda box: box[1])
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            if other[1] >= one[3]:
                break
            assert other[0] >= one[2] or one[0] >= other[2], (one[4], other[4])


def test_the_same_design_gives_the_same_bytes(picture):
    text, root = picture
    name = texts(root)[0].split()[0]
    assert drawn(name)[0] == text


def test_it_has_a_title_and_a_description_for_those_who_do_not_see_it(picture):
    _, root = picture
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.get("id"), description.get("id")) == ("title", "description")
    assert title.text
    assert re.search(r"\d+ nodes?, [\d,]+ GPUs?, [\d,]+ racks?", description.text or "")


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="no renderer here")
def test_a_renderer_takes_it(picture, tmp_path):
    text, _ = picture
    (tmp_path / "a.svg").write_text(text)
    subprocess.run(["rsvg-convert", tmp_path / "a.svg", "-o", tmp_path / "a.png"], check=True)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_a_superpod_is_drawn_node_by_node_and_switch_by_switch():
    _, root = drawn("superpod-h100")
    engineered = design(load("superpod-h100"))
    networks = engineered.networks.values()
    spares = int(engineered.nodes.spare.sum())
    found = styles(root)
    keys = 1  # a square in the legend
    # every switch twice: in its network and in its rack
    racked = Counter(each.tier for each in engineered.each_device() if each.rack)
    assert found["leaf"] == sum(each.switches.leaf for each in networks) + racked["leaf"] + keys
    assert found["spine"] == sum(each.switches.spine for each in networks) + racked["spine"] + keys
    assert found["storage"] == len(engineered.storage) + racked["storage"] + keys
    assert found["panel"] == len(engineered.racks)
    assert found["spare"] == spares + keys
    # nodes at work, the bar of IT power, the square before the pool, a bar of ports a network
    assert found["node"] == len(engineered.nodes) - spares + 1 + 1 + len(networks) + keys
    assert found["network"] == 0  # of switches that have no rack unit
    assert found["card"] == len(engineered.storage)
    assert found["core"] == found["cloud"] == 0
    tooltips = [each.text for each in root.iter(f"{SVG}title")]
    assert set(engineered.nodes.name) <= set(tooltips)
    assert {f"{each.name}: {each.model}" for each in engineered.each_device()} <= set(tooltips)


def test_a_mesh_has_a_line_for_each_pair_of_switches():
    _, root = drawn("superpod-h100")
    networks = design(load("superpod-h100")).networks.values()
    lines = sum((each.get("d") or "").count("L") for each in shapes(root, "path"))
    drops = sum(each.switches.leaf for each in networks)
    meshes = sum(each.switches.leaf * each.switches.spine for each in networks)
    assert lines == meshes + drops + 1  # and the mark on the bar of power


def test_a_hundred_thousand_gpus_are_drawn_small_and_soon():
    factory = load("colossus-100k")
    engineered = design(factory)
    begun = time.process_time()
    text = factory_svg(factory.blueprint, engineered)
    assert time.process_time() - begun < 2
    assert len(text.encode()) < 1_000_000
    root = ET.fromstring(text)
    squares = {
        each.get("class"): (each.get("d") or "").count("M")
        for each in shapes(root, "path")
        if "z" in (each.get("d") or "")
    }
    kinds = Counter(engineered.racks.kind)
    assert squares == {
        "node": kinds["compute"], "network": kinds["network"], "storage": kinds["storage"],
    }  # fmt: skip
    assert texts(root).count("40 are drawn") == 4
    assert any("one square a rack: " in each for each in texts(root))


def test_a_cloud_site_is_drawn_by_its_nodes_their_gpus_and_its_storage():
    _, root = drawn("startup-cloud", nodes="3")
    found = styles(root)
    assert found["cloud"] == 3 + 1 + 1 + 1  # nodes, the pool's square, the network, the legend
    gpus = [each for each in shapes(root, "path") if each.get("class") == "gpu"]
    assert [(each.get("d") or "").count("M") for each in gpus] == [8, 8, 8]
    assert found["card"] == 3
    assert "gpu: 3 x p5.48xlarge, 24 GPUs" in texts(root)
    assert "0 racks" in texts(root)[1]


def test_of_many_rented_nodes_the_first_are_drawn_and_the_rest_counted(tiny_blueprint, tiny_design):
    cloud = tiny_blueprint.model_dump(mode="json", by_alias=True, exclude_unset=True)
    place = {"name": "cloud", "kind": "aws", "region": "us-east-1", "account": "111122223333"}
    cloud["sites"] = [place]
    cloud["compute"] = [{"name": "burst", "site": "cloud", "instance": "p5.48xlarge", "count": 1}]
    text = factory_svg(Blueprint.model_validate(cloud), tiny_design)
    assert "burst: 1,000 x p5.48xlarge, 8,000 GPUs" in text
    assert "and 928 more" in text


def test_power_beyond_the_envelope_is_in_alarm(tiny_blueprint, tiny_design):
    power = replace(tiny_design.power["hall"], envelope_kw=40.0)
    root = ET.fromstring(factory_svg(tiny_blueprint, replace(tiny_design, power={"hall": power})))
    assert styles(root)["over"] == 1
    assert styles(root)["fill"] == 0


def test_a_rack_whose_contents_nobody_places_is_filled_as_far_as_it_is_used(
    tiny_blueprint, tiny_design
):
    nowhere = np.full_like(tiny_design.nodes.rack, -1)
    lost = replace(tiny_design, nodes=replace(tiny_design.nodes, rack=nowhere))
    root = ET.fromstring(factory_svg(tiny_blueprint, lost))
    name = tiny_design.racks.name[0]
    (rack,) = [
        each
        for each in shapes(root, "rect")
        if each.get("class") == "node" and (each.findtext(f"{SVG}title") or "").startswith(name)
    ]
    assert float(rack.get("height", 0)) == int(tiny_design.racks.used_units[0]) * 2 - 1


def test_racks_that_fill_more_than_a_line_go_on_in_the_next(tiny_blueprint, tiny_design):
    racks = tiny_design.racks
    count = 80

    def many(column):
        return np.repeat(column[:1], count)

    columns = {
        each.name: many(getattr(racks, each.name))
        for each in fields(racks)
        if isinstance(getattr(racks, each.name), np.ndarray)
    }
    names = tuple(f"train-c01-{number:02}" for number in range(1, count + 1))
    grown = replace(racks, name=names, kind=racks.kind[:1] * count, **columns)
    root = ET.fromstring(factory_svg(tiny_blueprint, replace(tiny_design, racks=grown)))
    panels = [each for each in shapes(root, "rect") if each.get("class") == "panel"]
    assert len(panels) == count
    assert len({each.get("y") for each in panels}) == 3
    assert max(float(each.get("x", 0)) for each in panels) <= WIDTH - 52 - 22


def test_the_legend_names_what_is_drawn_and_nothing_else(tiny_blueprint, tiny_design):
    legend = texts(ET.fromstring(factory_svg(tiny_blueprint, tiny_design)))[-8:]
    assert legend[-1].startswith("~ stands before a figure")
    assert {"node", "leaf", "spine", "storage"} <= set(legend)
    assert not {"core", "rented node"} & set(legend)


def test_a_title_cannot_break_the_document():
    canvas = Canvas()
    canvas.text(1, 2, "<script>\x00\ufffe&", "note")
    canvas.rect(0, 0, 1, 1, "node", tooltip="a\nb")
    text = canvas.svg(10, 10, "\x1b]<", "\ud800")
    root = ET.fromstring(text)
    assert [root[0].text, root[1].text] == ["␛]<", "�"]
    assert texts(root) == ["<script>␀�&"]


def test_the_smallest_canvas_is_stable():
    canvas = Canvas()
    canvas.lines([], 0.5)
    canvas.squares([], 3, "node")
    canvas.lines([(0, 0, 1.256, 2)], 0.5)
    assert canvas.shapes[0].attrib == {
        "d": "M0 0L1.26 2", "class": "line", "stroke-opacity": "0.5",
    }  # fmt: skip
    assert len(canvas.shapes) == 1
