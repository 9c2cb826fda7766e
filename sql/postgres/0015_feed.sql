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

-- One look. The first row tells of it: whether the cursor's row is gone, whether the window is full, and whether rows wait above the cut. Then come the
-- rows of the kinds asked for (null: all), and the last one that was looked at, without a body if it is of another kind. The row that takes the bodies to
-- `most_bytes` is the last.
CREATE FUNCTION journal_follow(after_tx bigint, after_stream text, after_seq bigint, after_hash bytea, kinds text[], most_rows bigint, most_bytes bigint)
RETURNS TABLE (is_cut_off boolean, has_more boolean, is_held_back boolean, tx bigint, stream text, seq bigint, hash bytea, body bytea)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  cut bigint := journal_feed_cut();
BEGIN
  IF after_tx >= 0 AND NOT EXISTS (SELECT FROM journal j WHERE j.stream = after_stream AND j.seq = after_seq AND j.tx = after_tx AND j.hash = after_hash) THEN
    RETURN QUERY SELECT true, false, false, NULL::bigint, NULL, NULL::bigint, NULL::bytea, NULL::bytea;
    RETURN;
  END IF;
  RETURN QUERY
  WITH looked AS MATERIALIZED (
    SELECT p.tx, p.stream, p.seq, p.hash,
      CASE WHEN kinds IS NULL OR split_part(p.stream, '/', 2) = ANY (kinds)
        THEN (SELECT j.body FROM journal j WHERE j.stream = p.stream COLLATE "C" AND j.seq = p.seq) END AS body
    FROM journal_placed(after_tx, after_stream, after_seq, cut, most_rows) p),
  measured AS (
    SELECT l.*, row_number() OVER places AS n, sum(coalesce(octet_length(l.body), 0)) OVER places AS bytes
    FROM looked l WINDOW places AS (ORDER BY l.tx, l.stream COLLATE "C", l.seq)),
  whole AS (
    SELECT m.*, m.bytes - coalesce(octet_length(m.body), 0) < most_bytes AS fits FROM measured m)
  SELECT found.is_cut_off, found.has_more, found.is_held_back, found.tx, found.stream, found.seq, found.hash, found.body FROM (
    SELECT 0 AS n, false AS is_cut_off, (SELECT count(*) >= most_rows OR coalesce(max(w.bytes), 0) >= most_bytes FROM whole w) AS has_more,
      EXISTS (SELECT FROM journal j WHERE j.tx > cut) AS is_held_back, NULL::bigint AS tx, NULL::text AS stream, NULL::bigint AS seq, NULL::bytea AS hash, NULL::bytea AS body
    UNION ALL
    SELECT w.n, NULL, NULL, NULL, w.tx, w.stream, w.seq, w.hash, w.body FROM whole w
    WHERE w.fits AND (w.body IS NOT NULL OR w.n = (SELECT max(f.n) FROM whole f WHERE f.fits))) found
  ORDER BY found.n;
END $$;

-- The last row below the cut.
CREATE FUNCTION journal_feed_end() RETURNS TABLE (tx bigint, stream text, seq bigint, hash bytea)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
  cut bigint := journal_feed_cut();
BEGIN
  RETURN QUERY SELECT j.tx, j.stream, j.seq, j.hash FROM journal j WHERE j.tx <= cut ORDER BY j.tx DESC, j.stream DESC, j.seq DESC LIMIT 1;
END $$;
