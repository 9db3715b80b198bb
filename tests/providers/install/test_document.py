"""Documents are closed, and say in plain words what does not fit."""

from __future__ import annotations

from typing import ClassVar, Literal

import pytest
from pydantic import Field

from aifactory_iac.providers.install.document import Document, SecretReference, joined, read
from aifactory_iac.providers.install.near import hint, nearest
from aifactory_iac.providers.install.scalars import Hostname, Unordered, Whole
from aifactory_iac.providers.resource import UNKNOWN, Failure


class Inner(Document):
    native: ClassVar[dict[str, str]] = {"hw-address": "mac"}

    mac: str
    count: Whole = 0


class Outer(Document):
    name: Hostname
    many: dict[Hostname, Inner] = Field(default_factory=dict)
    listed: tuple[Inner, ...] = ()
    maybe: Inner | None = None
    words: Unordered[str] = ()
    kind: Literal["a", "b"] = "a"
    secret_of: SecretReference | None = None


def told(value: object) -> list[tuple[str, str]]:
    return [(one.property, one.reason) for one in read(Outer, value, "at").failures]


@pytest.mark.parametrize(
    ("value", "failures"),
    [
        ("x", [("at", "must be a mapping")]),
        ({"name": "a", "many": []}, [("at.many", "must be a mapping")]),
        ({"name": "a", "listed": {}}, [("at.listed", "must be a list")]),
        ({"name": "a", "words": "x"}, [("at.words", "must be a list")]),
        ({"name": 5}, [("at.name", "must be a valid string")]),
        ({"name": "a", "kind": "c"}, [("at.kind", "must be one of `a` or `b`")]),
        (
            {"name": "a", "maybe": {"mac": "m", "count": "1"}},
            [("at.maybe.count", "must be a valid integer")],
        ),
        (
            {"name": "a", "many": {"Not a name": {"mac": "m"}}},
            [
                (
                    'at.many["Not a name"]',
                    "is no host name: small letters, digits and inner hyphens, at most 63",
                )
            ],
        ),
        (
            {"name": "a", "many": {"b": {"mac": "m", "hw-address": "m"}}},
            [("at.many.b.hw-address", "unknown key; it is `mac` here")],
        ),
        (
            {"name": "a", "listed": [{"mac": "m", "cuont": 1}], "maybe": {"mac": "m", "x": 1}},
            [
                ("at.listed[0].cuont", "unknown key; did you mean `count`?"),
                ("at.maybe.x", "unknown key; there are: `count`, `mac`"),
            ],
        ),
        (
            {"name": "a", "secret_of": {"store": "paper", "path": "x"}},
            [
                (
                    "at.secret_of.store",
                    (
                        "must be one of `env`, `file`, `pulumi-config`, `aws-secrets-manager` or "
                        "`vault`"
                    ),
                )
            ],
        ),
        (
            {"name": "a", "nonsense": {"deep": 1}, "maybe": {}},
            [
                ("at.maybe.mac", "is required"),
                (
                    "at.nonsense",
                    (
                        "unknown key; there are: `kind`, `listed`, `many`, `maybe`, `name`, "
                        "`secret_of`, `words`"
                    ),
                ),
            ],
        ),
    ],
)
def test_what_does_not_fit(value, failures):
    assert told(value) == failures


def test_the_order_of_a_list_that_has_none_is_lost():
    found = read(Outer, {"name": "a", "words": ["b", "a", "b"]}, "").value
    assert found is not None
    assert found.words == ("a", "b")


def test_what_is_unknown_is_not_missing():
    found = read(Outer, {"name": UNKNOWN}, "")
    assert (found.failures, found.complete) == ((), False)
    assert read(Outer, UNKNOWN, "").complete is False


def test_of_several_things_wrong_the_rest_can_still_be_read():
    found = read(Outer, {"name": "a", "kind": "c", "nmae": 1, "words": ["x", 5]}, "")
    assert found.value is not None
    assert found.value.words == ("x",)
    assert found.failures == (
        Failure("words[1]", "must be a valid string"),
        Failure("kind", "must be one of `a` or `b`"),
        Failure("nmae", "unknown key; did you mean `name`?"),
    )


def test_paths_as_pulumi_spells_them():
    assert joined("", "a", 0, "b-c") == "a[0].b-c"
    assert joined("files", '/etc/"x"\\y', "text") == 'files["/etc/\\"x\\"\\\\y"].text'


def test_names_that_are_meant():
    assert nearest("boot_methods", ["bootMethods", "site"]) == "bootMethods"
    assert nearest("stroage", ["storage", "source"]) == "storage"
    assert nearest("zzz", ["storage"]) is None
    many = [f"name{i:02}" for i in range(20)]
    assert hint("zzz", many).endswith("`name15` and more")
    assert hint("late-commands", ["late"], {"late-commands": "late"}) == "it is `late` here"
