-- The feed of named streams, without the rows of others. Rows of one stream have rising numbers of transactions: who writes a row knows the one before, which is durable then. So
-- the first row behind a cursor is found by bisection along the primary key, and an append pays for no further index.

-- The beginning of a look: of each stream that goes on behind the cursor the first row there, which may stand above the cut. From its last row back in steps that double, then between the
-- last two: a stream that nearly was caught up with costs little, however long it is. A row of the history that has no number has 0, the same for all, and is told apart by its seq.
-- The last line tells of the look: whether the cursor's row is gone, the last row below the cut, the cut, and the last position that is there at all.
CREATE FUNCTION journal_behind(streams text[], after_tx bigint, after_stream text, after_seq bigint, after_hash bytea)
RETURNS TABLE (is_cut_off boolean, tx bigint, stream text, seq bigint, hash bytea, cut bigint, top bigint)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
  below bigint;
  middle bigint;
  number bigint;
  step bigint;
BEGIN
  cut := journal_feed_cut();
  IF after_tx >= 0 AND NOT EXISTS (SELECT FROM journal j WHERE j.stream = after_stream AND j.seq = after_seq AND j.tx = after_tx AND j.hash = after_hash) THEN
    is_cut_off := true;
    RETURN NEXT;
    RETURN;
  END IF;

  FOR tx, stream, seq IN
    SELECT h.tx, n.name, h.seq
    FROM unnest(streams) AS n (name) CROSS JOIN LATERAL (SELECT j.tx, j.seq FROM journal j WHERE j.stream = n.name ORDER BY j.seq DESC LIMIT 1) h
    WHERE (h.tx, n.name COLLATE "C", h.seq) > (after_tx, after_stream COLLATE "C", after_seq)
  LOOP
    below := 0;
    step := 1;
    WHILE seq - below > 1 LOOP
      middle := CASE WHEN below > 0 THEN below + (seq - below) / 2 ELSE greatest(1, seq - step) END;
      number := (SELECT j.tx FROM journal j WHERE j.stream = journal_behind.stream AND j.seq = middle);
      IF (number, stream COLLATE "C", middle) > (after_tx, after_stream COLLATE "C", after_seq) THEN
        tx := number;
        seq := middle;
      ELSE
        below := middle;
      END IF;
      step := step * 2;
    END LOOP;
    RETURN NEXT;
  END LOOP;

  is_cut_off := false;
  tx := NULL;
  stream := NULL;
  seq := NULL;
  SELECT j.tx, j.stream, j.seq, j.hash INTO tx, stream, seq, hash FROM journal j WHERE j.tx <= cut ORDER BY j.tx DESC, j.stream DESC, j.seq DESC LIMIT 1;
  top := (SELECT max(j.tx) FROM journal j);
  RETURN NEXT;
END $$;

-- Of each stream so many rows from a seq on, below the cut, without bodies.
CREATE FUNCTION journal_pages(streams text[], seqs bigint[], most bigint[], cut bigint)
RETURNS TABLE (page bigint, tx bigint, seq bigint, hash bytea, bytes bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
  RETURN QUERY SELECT p.page, r.tx, r.seq, r.hash, r.bytes
  FROM unnest(streams, seqs, most) WITH ORDINALITY AS p (stream, from_seq, rows, page)
  CROSS JOIN LATERAL (
    SELECT j.tx, j.seq, j.hash, octet_length(j.body)::bigint AS bytes FROM journal j
    WHERE j.stream = p.stream AND j.seq >= p.from_seq ORDER BY j.seq LIMIT p.rows) r
  WHERE r.tx <= cut;
END $$;

-- The first bytes of the bodies of rows (null: all), in the order in which these are named.
CREATE FUNCTION journal_bodies(streams text[], seqs bigint[], body_bytes integer) RETURNS SETOF bytea
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY SELECT (
    SELECT CASE WHEN body_bytes IS NULL THEN j.body ELSE substr(j.body, 1, body_bytes) END FROM journal j WHERE j.stream = r.stream AND j.seq = r.seq)
  FROM unnest(streams, seqs) WITH ORDINALITY AS r (stream, seq, i) ORDER BY r.i;
END $$;
