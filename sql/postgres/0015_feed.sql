-- The feed of the journal: its rows in the order of 0007, as soon as they are durable.
--
-- Whoever looks each few milliseconds needs the rows behind a position and no others. A block range index knows nothing of the newest pages
-- until it is summarized, so a tree takes its place. On a large journal it can be made beforehand, beside the release before, under this name:
--   CREATE INDEX CONCURRENTLY journal_by_tx ON journal (tx);
CREATE INDEX IF NOT EXISTS journal_by_tx ON journal (tx);
DROP INDEX journal_order;
ALTER FUNCTION journal_placed(bigint, text, bigint, bigint, bigint) SET enable_bitmapscan = off;

-- The position up to which nothing is missing and nothing comes any more, whatever else the server does. Below it all transactions are over but
-- those that do not write the journal, which are told by having no such lock on it.
--
-- An append locks the journal before it gets its number: its first statement is the insert, in every release. So a transaction that had its number
-- when `began` was taken, and has no lock after that, has nothing in the journal. One that got its number later is not judged: it holds the cut back
-- until the next look. A lock is given back after its transaction has become visible, and the cut is made of a snapshot taken after the locks were read.
-- On a standby there are no locks to see: there the cut is the checkpoints'.
CREATE FUNCTION journal_feed_cut() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  began pg_snapshot := pg_current_snapshot();
  ended pg_snapshot;
  others xid8[];
BEGIN
  IF pg_is_in_recovery() OR pg_snapshot_xmin(began) = pg_snapshot_xmax(began) THEN
    RETURN pg_snapshot_xmin(began)::text::bigint + (SELECT shift FROM journal_numbering) - 1;
  END IF;
  WITH locks AS MATERIALIZED (
    SELECT virtualtransaction, locktype, transactionid, mode, relation, database FROM pg_locks WHERE locktype IN ('transactionid', 'relation'))
  SELECT array_agg(running) INTO others
  FROM pg_snapshot_xip(began) running
  JOIN locks own ON own.locktype = 'transactionid' AND own.mode = 'ExclusiveLock' AND own.transactionid = running::xid
  WHERE NOT EXISTS (
    SELECT FROM locks l WHERE l.virtualtransaction = own.virtualtransaction AND l.locktype = 'relation' AND l.mode = 'RowExclusiveLock'
      AND l.relation = 'journal'::regclass AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()));
  ended := pg_current_snapshot();
  RETURN coalesce((SELECT min(running) FROM pg_snapshot_xip(ended) running WHERE NOT running = ANY (coalesce(others, '{}'))), pg_snapshot_xmax(ended))::text::bigint
    + (SELECT shift FROM journal_numbering) - 1;
END $$;

-- One look. The first row tells of it: whether the cursor's row is gone, whether the window is full, the cut (in `tx`) and the last position that is there at all
-- (in `seq`). Then come the rows of the kinds asked for (null: all), and the last one that was looked at, without a body if it is of another kind. The row
-- that takes the bodies to `most_bytes` is the last. Rows of before 0007 come by the primary key; all others by the tree, without a second search each.
CREATE FUNCTION journal_follow(after_tx bigint, after_stream text, after_seq bigint, after_hash bytea, kinds text[], most_rows bigint, most_bytes bigint)
RETURNS TABLE (is_cut_off boolean, has_more boolean, tx bigint, stream text, seq bigint, hash bytea, body bytea)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  cut bigint := journal_feed_cut();
BEGIN
  IF after_tx >= 0 AND NOT EXISTS (SELECT FROM journal j WHERE j.stream = after_stream AND j.seq = after_seq AND j.tx = after_tx AND j.hash = after_hash) THEN
    RETURN QUERY SELECT true, false, NULL::bigint, NULL, NULL::bigint, NULL::bytea, NULL::bytea;
    RETURN;
  END IF;
  RETURN QUERY
  WITH looked AS MATERIALIZED (
    (SELECT j.tx, j.stream, j.seq, j.hash, CASE WHEN kinds IS NULL OR split_part(j.stream, '/', 2) = ANY (kinds) THEN j.body END AS body
     FROM journal j
     WHERE after_tx > 0 AND j.tx >= after_tx AND j.tx <= cut AND (j.tx, j.stream, j.seq) > (after_tx, after_stream COLLATE "C", after_seq)
     ORDER BY j.tx, j.stream, j.seq LIMIT most_rows)
    UNION ALL
    SELECT p.tx, p.stream, p.seq, p.hash, CASE WHEN kinds IS NULL OR split_part(p.stream, '/', 2) = ANY (kinds)
      THEN (SELECT j.body FROM journal j WHERE j.stream = p.stream COLLATE "C" AND j.seq = p.seq) END
    FROM journal_placed(after_tx, after_stream, after_seq, cut, most_rows) p WHERE after_tx <= 0),
  measured AS MATERIALIZED (
    SELECT l.*, sum(octet_length(l.body)) OVER (ORDER BY l.tx, l.stream COLLATE "C", l.seq ROWS UNBOUNDED PRECEDING) AS bytes FROM looked l WHERE l.body IS NOT NULL),
  taken AS MATERIALIZED (
    SELECT m.tx, m.stream, m.seq, m.hash, m.body FROM measured m WHERE m.bytes - octet_length(m.body) < most_bytes),
  counted AS (
    SELECT (SELECT count(*) FROM looked) AS looked, (SELECT coalesce(max(m.bytes), 0) >= most_bytes FROM measured m) AS is_heavy)
  SELECT found.is_cut_off, found.has_more, found.tx, found.stream, found.seq, found.hash, found.body FROM (
    SELECT false AS is_cut_off, c.looked >= most_rows OR c.is_heavy AS has_more, cut AS tx, NULL::text AS stream, (SELECT max(j.tx) FROM journal j) AS seq,
      NULL::bytea AS hash, NULL::bytea AS body, 0 AS part FROM counted c
    UNION ALL
    SELECT NULL, NULL, t.tx, t.stream, t.seq, t.hash, t.body, 1 FROM taken t
    UNION ALL
    SELECT NULL, NULL, l.* , 2 FROM (SELECT * FROM looked ORDER BY looked.tx DESC, looked.stream COLLATE "C" DESC, looked.seq DESC LIMIT 1) l
    WHERE l.body IS NULL AND NOT (SELECT c.is_heavy FROM counted c)) found
  ORDER BY found.part, found.tx, found.stream COLLATE "C", found.seq;
END $$;

-- The last row below the cut.
CREATE FUNCTION journal_feed_end() RETURNS TABLE (tx bigint, stream text, seq bigint, hash bytea)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  cut bigint := journal_feed_cut();
BEGIN
  RETURN QUERY SELECT j.tx, j.stream, j.seq, j.hash FROM journal j WHERE j.tx <= cut ORDER BY j.tx DESC, j.stream DESC, j.seq DESC LIMIT 1;
END $$;
