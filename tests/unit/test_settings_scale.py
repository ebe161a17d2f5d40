"""A server more is read and checked alone: no check of it walks over all others."""

from collections import Counter
from pathlib import Path
from unittest.mock import patch

import pytest

from bench.settings import Size, config, write_tenants
from components.settings import NicSettings, ServerSettings, load
from components.settings.draft import Draft
from tests.unit.examples import as_pulumi


def walks(size: Size, folder: Path) -> Counter[str]:
    """Return how often a load lists names, walks over all servers, and makes a NIC."""
    folder.mkdir()
    write_tenants(size, folder / "tenants")
    given = as_pulumi(config(size, folder / "tenants"))
    make = NicSettings.model_construct
    with (
        patch.object(Draft, "names", autospec=True, side_effect=Draft.names) as names,
        patch.object(Draft, "of", autospec=True, side_effect=Draft.of) as of,
        patch.object(NicSettings, "model_construct", side_effect=make) as made,
    ):
        load(given)
    servers = [call for call in of.call_args_list if call.args[1] is ServerSettings]
    return Counter(names=names.call_count, servers=len(servers), nics=made.call_count)


@pytest.mark.parametrize("own", [False, True], ids=["on a shared network", "on own networks"])
def test_no_check_of_a_server_walks_over_all_of_them(own: bool, tmp_path: Path) -> None:
    few = walks(Size(10, 1, 2, own_networks=own), tmp_path / "few")
    many = walks(Size(40, 1, 2, own_networks=own), tmp_path / "many")
    assert (many["names"], many["servers"]) == (few["names"], few["servers"])


def test_the_nic_of_the_short_form_is_made_once(tmp_path: Path) -> None:
    assert walks(Size(30, 3, 2), tmp_path / "thirty")["nics"] <= 30
