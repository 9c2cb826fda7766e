-- The order of all rows, and the signed checkpoints over it.
--
-- A row carries the number of the transaction that wrote it. What is below the oldest transaction that is not over (the snapshot's xmin)
-- is complete: all of it is visible, and none comes any more. So a cut costs appends nothing, and waits for nobody; a lock that appends
-- share and a cut takes alone would make all of them wait behind the slowest one of the moment. Rows of one transaction are ordered by
-- stream and seq. One that writes for long, in any database of the server, holds the cut back as long; nothing else waits for it.
-- Rows of before have no number: they come first.
ALTER TABLE journal ADD COLUMN tx bigint NOT NULL DEFAULT 0;

-- Rows are only ever added, so they lie in order of their numbers but for what overlapped. A block range index costs an append half of what
-- a tree does, and what is asked for is always a stretch of that order.
CREATE INDEX journal_order ON journal USING brin (tx) WITH (pages_per_range = 64, autosummarize = on);

-- Transactions are numbered by the server. One that a dump is restored to may count from lower numbers than the rows have: what is added
-- then is worked out when the program starts.
CREATE TABLE journal_numbering (
  id    integer PRIMARY KEY CHECK (id = 1),
  shift bigint NOT NULL
);

INSERT INTO journal_numbering (id, shift) VALUES (1, 0);

CREATE FUNCTION journal_tx() RETURNS bigint LANGUAGE sql VOLATILE
  RETURN pg_current_xact_id()::text::bigint + (SELECT shift FROM journal_numbering);

-- For whoever does not name it: a process of an earlier release, while the cluster is brought up to date one by one.
ALTER TABLE journal ALTER COLUMN tx SET DEFAULT journal_tx();

-- The position up to which nothing is missing and nothing comes any more.
CREATE FUNCTION journal_cut() RETURNS bigint LANGUAGE sql VOLATILE
  RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint + (SELECT shift FROM journal_numbering) - 1;

-- All that one snapshot sees was written by transactions below its xmax, and all that come get xmax or more: only where a dump was restored
-- to a server that counts from lower numbers is there anything to change, and then nobody appends yet.
CREATE FUNCTION journal_continue_numbering() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  UPDATE journal_numbering SET shift = shift + ahead.by
  FROM (SELECT max(j.tx) - next.number + 1 AS by
        FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + n.shift AS number FROM journal_numbering n) next
        JOIN journal j ON j.tx >= next.number GROUP BY next.number) ahead;
END $$;

-- Rows after a place, in order. Those of before come by the primary key; of the others whatever is asked for is gathered and the first are taken.
CREATE FUNCTION journal_placed(after_tx bigint, after_stream text, after_seq bigint, up_to bigint, most bigint)
RETURNS TABLE (tx bigint, stream text, seq bigint, hash bytea)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  found bigint := 0;
BEGIN
  IF after_tx <= 0 THEN
    RETURN QUERY SELECT j.tx, j.stream, j.seq, j.hash FROM journal j
    WHERE j.tx = 0 AND (j.stream, j.seq) > (after_stream COLLATE "C", after_seq)
    ORDER BY j.stream, j.seq LIMIT most;
    GET DIAGNOSTICS found = ROW_COUNT;
    IF found = most THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT j.tx, j.stream, j.seq, j.hash FROM journal j
  WHERE j.tx > 0 AND j.tx >= after_tx AND j.tx <= up_to AND (j.tx, j.stream, j.seq) > (after_tx, after_stream COLLATE "C", after_seq)
  ORDER BY j.tx, j.stream, j.seq LIMIT most - found;
END $$;

CREATE TABLE checkpoints (
  number bigint PRIMARY KEY CHECK (number > 0),
  after  bigint NOT NULL,
  up_to  bigint NOT NULL UNIQUE,
  size   bigint NOT NULL CHECK (size > 0),
  at     bigint NOT NULL,
  token  text   NOT NULL,
  told   bigint NOT NULL DEFAULT 0
);

CREATE INDEX checkpoints_untold ON checkpoints (number) WHERE told = 0;

-- Roots of consecutive rows: a proof reads these and the rows of one of them.
CREATE TABLE checkpoint_tiles (
  number   bigint NOT NULL REFERENCES checkpoints (number),
  tile     bigint NOT NULL,
  position bigint NOT NULL,
  stream   text   COLLATE "C" NOT NULL,
  seq      bigint NOT NULL,
  root     bytea  NOT NULL,
  PRIMARY KEY (number, tile)
);

-- A receipt is asked for by the payment's id.
CREATE INDEX runs_payment ON runs (payment_id) WHERE payment_id IS NOT NULL;
