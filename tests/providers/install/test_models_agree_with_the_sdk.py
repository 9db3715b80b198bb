"""The documents and the SDK's types have the same fields, choices and requirements."""

from __future__ import annotations

import types
import typing

import pytest

from aifactory_iac.providers import metal
from aifactory_iac.providers.install.config import InstallConfig
from aifactory_iac.providers.install.document import Document
from aifactory_iac.providers.install.image import OsImage
from aifactory_iac.providers.install.installation import Callback
from aifactory_iac.providers.install.storage import RootDevice
from aifactory_iac.providers.provisioning.service import (
    BootImage,
    Reservation,
    Subnet,
    Target,
    Tftp,
)

ROOTS = [
    (metal.InstallConfig, InstallConfig),
    (metal.OsImage, OsImage),
    (metal.Callback, Callback),
    (metal.RootDevice, RootDevice),
    (metal.ProvisioningSubnet, Subnet),
    (metal.AddressReservation, Reservation),
    (metal.BootImage, BootImage),
    (metal.TftpServer, Tftp),
    (metal.ProvisioningTarget, Target),
]


def inner(hint: object, is_wanted) -> object | None:
    if is_wanted(hint):
        return hint
    return next(
        (found for one in reversed(typing.get_args(hint)) if (found := inner(one, is_wanted))), None
    )


def is_document(hint: object) -> bool:
    return (
        isinstance(hint, type)
        and not isinstance(hint, types.GenericAlias)
        and issubclass(hint, Document)
    )


def is_literal(hint: object) -> bool:
    return typing.get_origin(hint) is typing.Literal


def pairs() -> dict[str, tuple[type, type[Document]]]:
    found: dict[str, tuple[type, type[Document]]] = {}
    left = list(ROOTS)
    while left:
        sdk, model = left.pop()
        if sdk.__name__ in found:
            continue
        found[sdk.__name__] = (sdk, model)
        for name, hint in typing.get_type_hints(sdk).items():
            nested = inner(hint, typing.is_typeddict)
            document = inner(model.model_fields[name].annotation, is_document)
            assert (nested is None) == (document is None), f"{sdk.__name__}.{name}"
            if nested is not None:
                left.append((nested, document))
    return found


PAIRS = pairs()


def test_all_types_of_the_documents_are_compared():
    assert len(PAIRS) == 42


@pytest.mark.parametrize("name", sorted(PAIRS))
def test_fields_requirements_and_choices(name):
    sdk, model = PAIRS[name]
    hints = typing.get_type_hints(sdk, include_extras=True)
    assert list(hints) == list(model.model_fields)
    required = {
        key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired
    }
    assert required == {key for key, field in model.model_fields.items() if field.is_required()}
    for key, hint in typing.get_type_hints(sdk).items():
        mine = inner(model.model_fields[key].annotation, is_literal)
        assert typing.get_args(inner(hint, is_literal)) == typing.get_args(mine), key
