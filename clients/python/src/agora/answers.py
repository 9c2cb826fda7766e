"""What was answered to a run, kept so that the same run is never done twice."""

import sqlite3
import threading


class Answers:
    """
    Answers by run id: in memory, or in a file that outlives the process. The oldest go when there are more than `most`.

    One execution a run: who comes while it is under way waits for it.
    """

    def __init__(self, path=":memory:", most=10_000):
        self._most, self._changed, self._under_way = most, threading.Condition(), set()
        self._store = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._store.execute("CREATE TABLE IF NOT EXISTS answers (run TEXT UNIQUE, body_hash TEXT, status INTEGER, cost TEXT, answer BLOB)")

    def begin(self, run):
        """What was answered; None: nobody has, and whoever asks has to, and then to end it."""
        with self._changed:
            self._changed.wait_for(lambda: run not in self._under_way)
            found = self._store.execute("SELECT body_hash, status, cost, answer FROM answers WHERE run = ?", (run,)).fetchone()
            if found is None:
                self._under_way.add(run)
            return found

    def end(self, run, body_hash=None, status=None, cost=None, answer=None):
        """Keeps what was answered. Without a status nothing is kept, and the run may be tried again."""
        with self._changed:
            try:
                if status is not None:
                    self._store.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", (run, body_hash, status, cost, answer))
                    self._store.execute("DELETE FROM answers WHERE rowid <= (SELECT max(rowid) FROM answers) - ?", (self._most,))
            finally:
                self._under_way.discard(run)
                self._changed.notify_all()

    def close(self):
        self._store.close()
