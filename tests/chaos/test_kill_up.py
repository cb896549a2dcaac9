"""`northstar up` as one machine runs it: it minds its child and takes it along when it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Running, Site, children_of, eventually, is_running, port_is_free

pytestmark = pytest.mark.nlu

SAMUEL = "+15550100114"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "clinic")
    made.seed()
    yield made
    made.close()


def _rasa_of(up: Running) -> int:
    (child,) = eventually(lambda: children_of(up.process.pid), what="the Rasa server")
    return child


def test_a_killed_rasa_server_comes_back_and_ctrl_c_ends_everything(site: Site) -> None:
    up = site.start("up")
    site.await_health(up, model=True)
    first = _rasa_of(up)

    site.kill(first)
    eventually(lambda: children_of(up.process.pid) - {first}, what="another Rasa server")
    site.await_health(up, model=True)
    assert "11:00" in site.ask(SAMUEL, "When is my next appointment?")

    second = _rasa_of(up)
    assert up.interrupt() in (0, 130)
    assert not is_running(second)
    assert port_is_free(site.port)
    assert port_is_free(site.rasa_port)
    assert "Traceback" not in up.log()


def test_a_rasa_server_does_not_outlive_a_killed_northstar(site: Site) -> None:
    up = site.start("up")
    rasa = _rasa_of(up)
    eventually(lambda: not port_is_free(site.rasa_port), within_s=60.0, what="the Rasa server's start")

    site.kill(up.process.pid)
    up.process.wait()

    eventually(lambda: not is_running(rasa), what="the end of the Rasa server")
    assert port_is_free(site.rasa_port)
