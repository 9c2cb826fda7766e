-- The signed checkpoints over the order of all rows. That order is the journal's rowid: one process writes, a row's is one more than the
-- last, none is ever deleted, and what is rolled back leaves no gap.

CREATE TABLE checkpoints (
  number INTEGER PRIMARY KEY CHECK (number > 0),
  after  INTEGER NOT NULL,
  up_to  INTEGER NOT NULL UNIQUE,
  size   INTEGER NOT NULL CHECK (size > 0),
  at     INTEGER NOT NULL,
  token  TEXT    NOT NULL,
  told   INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX checkpoints_untold ON checkpoints (number) WHERE told = 0;

-- Roots of consecutive rows: a proof reads these and the rows of one of them.
CREATE TABLE checkpoint_tiles (
  number   INTEGER NOT NULL REFERENCES checkpoints (number),
  tile     INTEGER NOT NULL,
  position INTEGER NOT NULL,
  stream   TEXT    NOT NULL,
  seq      INTEGER NOT NULL,
  root     BLOB    NOT NULL,
  PRIMARY KEY (number, tile)
);

-- A receipt is asked for by the payment's id.
CREATE INDEX runs_payment ON runs (payment_id) WHERE payment_id IS NOT NULL;
