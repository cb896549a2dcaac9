"""A demo clinic per database, with its web app and Rasa server running; each test starts workers of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import Cluster
from tests.support.processes import Running, Site, free_port
from tests.support.rasa_proxy import RasaProxy


@dataclass
class Clinic:
    """The site, its Rasa server at the moment, and what stands between that and the worker."""

    site: Site
    proxy: RasaProxy
    rasa: Running

    def restart_rasa(self) -> None:
        self.rasa = self.site.start_rasa()


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    environment: dict[str, str] = {}
    if request.param == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        environment["NORTHSTAR_DATABASE_URL"] = running.make_database()
    yield from _serve(tmp_path_factory.mktemp(f"clinic-{request.param}"), environment)


def _serve(folder: Path, environment: dict[str, str]) -> Iterator[Clinic]:
    rasa_port = free_port()
    proxy = RasaProxy(rasa_port)
    site = Site(folder, {**environment, "NORTHSTAR_RASA_URL": proxy.url}, rasa_port=rasa_port)
    try:
        site.seed()
        site.start_web()
        yield Clinic(site, proxy, site.start_rasa())
    finally:
        site.close()
        proxy.close()


@pytest.fixture
def clinic(served: Clinic) -> Iterator[Clinic]:
    """The clinic with a Rasa server that runs, and afterwards no worker."""
    if not served.rasa.alive():
        served.restart_rasa()
    before = len(served.site.running)
    yield served
    served.rasa.thaw()
    for running in served.site.running[before:]:
        if running is not served.rasa:
            running.stop()
