"""A resource from the form to what is offered, on SQLite and on PostgreSQL."""

import re
from datetime import timedelta
from urllib.parse import urlencode

from httpx import Response

from bot.care.resources import search_resources
from bot.console.auth import find_session, open_session
from bot.records import ClinicResource
from tests.support.cast import Cast
from tests.support.clinic import Clinic

NEW = "/console/resources/new"


def post(clinic: Clinic, path: str, token: str, **fields: str) -> Response:
    signed_in = find_session(clinic.database, token)
    assert signed_in is not None
    headers = {"Cookie": f"northstar_console={token}", "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"csrf": signed_in.csrf_token, **fields})
    return clinic.web.post(path, content=body, headers=headers, follow_redirects=False)


def test_what_dolores_writes_is_found_and_who_saves_second_is_told(clinic: Clinic, cast: Cast) -> None:
    token = open_session(clinic.database, cast.dolores, None)
    today = clinic.clock.now().date()
    typed = {"version": "0", "topic": "parking", "expires_on": f"{today + timedelta(days=9)}"}
    typed |= {"name-es": "Estacionamiento", "summary-es": "Es gratis.", "keywords-es": "cajón azul"}
    assert post(clinic, NEW, token, **typed).headers["location"] == "/console/resources?notice=saved"
    (row,) = clinic.rows(ClinicResource)
    this = f"/console/resources/{row.id}"
    for text in ("donde me estaciono", "dónde está el cajón azul"):
        with clinic.database.read() as session:
            assert [each.id for each in search_resources(session, text, "es", today)] == [row.id]
    changed = typed | {"version": "1", "summary-es": "Cuesta dos dólares."}
    assert post(clinic, this, token, **changed).status_code == 303
    second = post(clinic, this, token, **typed | {"version": "1", "summary-es": "Es caro."})
    assert second.status_code == 409
    assert re.search(r"Stored now: <bdi>Cuesta dos dólares.", second.text)
    assert post(clinic, f"{this}/retire", token, version="2").headers["location"].endswith("notice=retired")
    with clinic.database.read() as session:
        assert search_resources(session, "donde me estaciono", "es", today) == []
