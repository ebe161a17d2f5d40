"""A program that is only judged declares nothing, and refuses what the whole one refuses."""

from pathlib import Path

import pulumi
import pytest

from tests.unit.configs import changed
from tests.unit.examples import good_config
from tests.unit.mocks import Deployment, deploy, judged


def test_nothing_is_declared_where_nothing_is_refused(whole: Deployment, files: Path) -> None:
    assert deploy(judged, good_config(files), state=whole.exported()) == []


def test_a_refusal_is_the_same(whole: Deployment, files: Path) -> None:
    config = changed(good_config(files), {"computes": [], "servers": []}, files)
    with pytest.raises(pulumi.RunError, match="This change has "):
        deploy(judged, config, state=whole.exported(), on={"compute": ["web1"]})
