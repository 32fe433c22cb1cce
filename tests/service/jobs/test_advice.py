"""Advice over the API is that of the command line, from the same findings; its page shows it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from service import Settings, create_app
from service.auth.keys import SCOPES
from service.cli import main
from service.db.tables import FindingRow
from service.jobs.process import run_job
from service.web.current import installation_of

PAPERS = 70


def app_of_few_findings(var: Path) -> Flask:
    app = create_app(Settings(var=var))
    with installation_of(app).database.write() as session:
        kept = session.scalars(select(FindingRow.paper).distinct().order_by(FindingRow.paper)).all()[:PAPERS]
        session.execute(update(FindingRow).where(FindingRow.paper.not_in(kept)).values(retracted=True))
    return app


def test_advice_is_the_same_over_the_api_and_on_the_command_line(own_var: Path) -> None:
    app = app_of_few_findings(own_var)
    client, installation = app.test_client(), installation_of(app)
    key = {"Authorization": f"Bearer {installation.keys.create('anna', SCOPES, 'tests')}"}
    job_id = client.post("/v1/advice", json={"top": 2}, headers=key).get_json()["id"]
    lease = installation.jobs.lease(job_id)
    assert lease
    run_job(installation, lease)
    job = client.get(f"/v1/jobs/{job_id}").get_json()
    assert (job["state"], job["failure"]) == ("done", "")
    done = CliRunner().invoke(main, ["train", "advise", "--top", "2", "--json", "--var", str(own_var)])
    assert job["result"]["advice"] == json.loads(done.stdout)
    assert len(job["result"]["advice"]["experiments"]) == 2
    page = client.get(f"/models/jobs/{job_id}").get_data(as_text=True)
    assert "Experiments that would reduce uncertainty most" in page
    assert all(experiment["candidate"]["cargo_name"] in page for experiment in job["result"]["advice"]["experiments"])
