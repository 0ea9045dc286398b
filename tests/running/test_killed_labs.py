"""Whole labs killed in the middle of their fits: all of them end done, each once."""

import random
import signal
import time

import pytest

from tests.lab import Lab
from tests.site.worlds.spectra import spectrum

pytestmark = [pytest.mark.chaos, pytest.mark.xdist_group("killed labs")]

FITS = 50
FINISHED_WITHIN = 120.0

LEASES = {
    "LABDATA_JOB_LEASE_SECONDS": "5",
    "LABDATA_JOB_GRACE_SECONDS": "3",
    "LABDATA_REAP_SECONDS": "1",
}


def ask_for_fits(lab, token, fits=FITS):
    """Upload one spectrum and ask for fits of it that differ in their window."""
    lab.api("projects/", token=token, body={"slug": "p", "name": "P"})
    sample = {"project": "p", "code": "S", "kind": "film"}
    lab.api("samples/", token=token, body=sample)
    measurement = lab.upload("S", "S.csv", spectrum(points=2000), token=token)
    deadline = time.monotonic() + 60
    while measurement["state"] != "ready" and time.monotonic() < deadline:
        time.sleep(0.2)
        _, measurement = lab.api(f"measurements/{measurement['id']}/", token=token)
    assert measurement["state"] == "ready", measurement["message"]
    for number in range(fits):
        status, answer = lab.api(
            "runs/",
            token=token,
            body={
                "analysis": "pl_gaussians",
                "measurements": [measurement["id"]],
                "parameters": {"window": [600, 790 + number / 10], "peaks": "auto"},
            },
        )
        assert status == 202, answer


def states(lab, token):
    _, answer = lab.api("runs/?page_size=200", token=token)
    return [run["state"] for run in answer["results"]], answer["results"]


def kill_repeatedly(lab, kills):
    rng = random.Random(20261120)
    for number in range(kills):
        time.sleep(rng.uniform(0.2, 1.5))
        victims = list(lab.processes())
        if number % 2:
            # The worker and its pool, all at once; the supervisor starts another.
            victims = [
                pid for pid, command in lab.processes().items() if "worker" in command
            ]
        for pid in victims if number % 2 else [lab.process.pid]:
            lab.kill(pid)
        if not number % 2:
            lab.process.wait()
            assert not lab.wait_until_gone(10)
            lab.start()


@pytest.mark.parametrize(
    "broker", ["local", pytest.param("redis", marks=pytest.mark.proof)]
)
def test_fits_survive_killed_workers_and_supervisors(tmp_path, broker, request, draws):
    # Every second kill takes the supervisor, the others its workers.
    kills = draws(2, 12)
    fits = FITS if kills <= 4 else 3 * FITS
    extra = dict(LEASES)
    if broker == "redis":
        extra["LABDATA_BROKER_URL"] = request.getfixturevalue("redis_url")
    lab = Lab(tmp_path / "data", extra=extra)
    try:
        lab.place_schema()
        lab.start()
        lab.create_user("ada", "secret-phrase")
        token = lab.token("ada")
        ask_for_fits(lab, token, fits)
        kill_repeatedly(lab, kills)
        deadline = time.monotonic() + FINISHED_WITHIN * fits / FITS
        told, runs = states(lab, token)
        while set(told) != {"done"} and time.monotonic() < deadline:
            time.sleep(0.5)
            told, runs = states(lab, token)
    finally:
        lab.destroy()

    assert told.count("done") == fits + 1, {state: told.count(state) for state in told}
    for run in runs:
        given = [(v["quantity"], v["label"]) for v in run["properties"]]
        assert given
        assert len(given) == len(set(given))


def test_a_stopped_lab_goes_on_where_it_was(tmp_path):
    lab = Lab(tmp_path / "data", extra=LEASES)
    try:
        lab.place_schema()
        lab.start()
        lab.create_user("ada", "secret-phrase")
        token = lab.token("ada")
        ask_for_fits(lab, token)
        seconds = lab.stop(signal.SIGTERM)
        left = lab.wait_until_gone(1)
        lab.start()
        deadline = time.monotonic() + FINISHED_WITHIN
        while set(states(lab, token)[0]) != {"done"} and time.monotonic() < deadline:
            time.sleep(0.5)
        told, _ = states(lab, token)
    finally:
        lab.destroy()

    assert seconds < 10
    assert not left
    assert told.count("done") == FITS + 1
