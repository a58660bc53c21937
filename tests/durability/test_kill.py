"""Kill the server with -9 under load, ten times: what was confirmed is there, and nothing else is."""

import http.client
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from tests.live import (
    ROOT,
    Visitor,
    ask_postgres,
    free_port,
    start_server,
)

KILLS = 10
PEOPLE = 4
HISTORY = """
SELECT c.code, r.revision, r.rating, r.note FROM assessments_answerrevision r
JOIN assessments_answer a ON a.id = r.answer_id JOIN questionnaires_criterion c ON c.id = a.criterion_id
"""
ANSWERS = """
SELECT c.code, a.revision, a.rating, a.note FROM assessments_answer a JOIN questionnaires_criterion c ON c.id = a.criterion_id
"""


@pytest.fixture
def environment(tmp_path, new_site):
    with new_site(tmp_path / "site") as environment:
        yield environment


class Person(threading.Thread):
    """Saves one answer after the other, each criterion their own, and writes down what was sent and what was confirmed."""

    def __init__(self, made: dict, number: int):
        super().__init__(daemon=True)
        self.made, self.chance = made, random.Random(number)
        self.email = made["emails"][number]
        self.codes = made["codes"][number::PEOPLE]
        self.revisions: dict[str, int] = {}
        self.sent: dict[tuple, tuple] = {}
        self.confirmed: dict[tuple, tuple] = {}
        self.in_doubt: set[str] = set()
        self.visitor: Visitor | None = None
        self.ended = threading.Event()

    def arrive(self, port: int):
        cookies = self.visitor.cookies if self.visitor else {}
        token = self.visitor.token if self.visitor else ""
        self.visitor = Visitor(port)
        if cookies:
            self.visitor.cookies, self.visitor.token = cookies, token
        else:
            self.visitor.sign_in(self.email, self.made["password"])
            self.visitor.get(f"/o/{self.made['slug']}/assessments/{self.made['assessment']}/items/DS1/")

    def run(self):
        while not self.ended.is_set():
            try:
                self.save_one()
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # the server is down: nothing was confirmed

    def save_one(self):
        code = self.chance.choice([code for code in self.codes if code not in self.in_doubt])
        revision = self.revisions.get(code, 0)
        words = (self.chance.choice(("full", "largely", "partly", "none")), f"note {self.chance.random()}")
        path = f"/o/{self.made['slug']}/assessments/{self.made['assessment']}/answers/{code}/"
        self.sent[code, revision + 1] = words
        self.in_doubt.add(code)  # until an answer comes, the save may have happened or not
        try:
            confirmed = self.visitor.save(path, {"rating": words[0], "note": words[1], "revision": revision})
        except ConnectionRefusedError:  # nobody heard it
            self.in_doubt.discard(code)
            raise
        assert confirmed == f"{code} {revision + 1}", confirmed
        self.confirmed[code, revision + 1] = words
        self.revisions[code] = revision + 1
        self.in_doubt.discard(code)


def test_every_confirmed_save_survives_ten_kills(environment):
    furnish = [sys.executable, "-m", "tests.durability.furnish", str(PEOPLE)]
    made = json.loads(subprocess.run(furnish, env=environment, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    people = [Person(made, number) for number in range(PEOPLE)]
    port, moments = free_port(), random.Random(36073)

    for round_number in range(KILLS):
        server = start_server(environment, port=port, workers=2, preload=True)
        for person in people:
            if round_number == 0:
                person.arrive(port)
                person.start()
        time.sleep(0.3 + 0.7 * moments.random())
        server.kill()
    for person in people:
        person.ended.set()
        person.join(timeout=40)

    confirmed = {key: words for person in people for key, words in person.confirmed.items()}
    sent = {key: words for person in people for key, words in person.sent.items()}
    history = {(code, revision): (rating, note) for code, revision, rating, note in query(environment, HISTORY)}
    assert len(confirmed) > 100
    assert {key: history.get(key) for key in confirmed} == confirmed  # nothing confirmed is missing or changed
    assert {key: sent.get(key) for key in history} == history  # nothing is there that nobody sent
    latest = {code: (revision, *history[code, revision]) for code, revision in sorted(history)}
    assert {code: tuple(row) for code, *row in query(environment, ANSWERS)} == latest


def query(environment: dict, sql: str) -> list[tuple]:
    """Asked of the database itself, past the program."""
    if "DATABASE_URL" in environment:
        return ask_postgres(environment["DATABASE_URL"], sql)
    with sqlite3.connect(f"{environment['DCMM_DATA_DIR']}/db.sqlite3") as connection:
        return connection.execute(sql).fetchall()
