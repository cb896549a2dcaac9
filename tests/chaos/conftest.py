"""A demo clinic per database, with its web app and Rasa server running; each test starts workers of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.postgres import PostgresMissing, cluster
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
    folder: Path = tmp_path_factory.mktemp(f"clinic-{request.param}")
    if request.param == "sqlite":
        yield from _serve(folder, {})
        return
    try:
        with cluster() as postgres:
            yield from _serve(folder, {"NORTHSTAR_DATABASE_URL": postgres.make_database()})
    except PostgresMissing as missing:
        missing.skip_or_fail()


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
        shutil.rmtree(folder, ignore_errors=True)


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
