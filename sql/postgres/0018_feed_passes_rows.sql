-- A look passes many rows of other kinds and answers few. So passing one costs a step in the tree on tx and a look at its stream's name: only rows of the kinds asked for
-- (null: all) are sorted, and nothing is kept. A window ends with the row that makes `most_rows` of them, with the one that takes the bodies to `most_bytes`, or behind a
-- thousand transactions. Of each body the first `body_bytes` come (null: all).
--
-- They are answered first, then the last row that was passed, without a body, if it is of another kind. The last line tells of the look: whether the cursor's row is gone,
-- whether the window is full, the cut (in `tx`) and the last position that is there at all (in `seq`).
--
-- Conditions and orders begin with tx; sorts and whole scans are off. So the tree is the only way, whatever statistics say, and rows are sorted by transaction as they come.
-- Rows of before 0007 have no number: they come first, by the primary key, in windows of their own.
DROP FUNCTION journal_follow(bigint, text, bigint, bytea, text[], bigint, bigint);
CREATE FUNCTION journal_follow(
  after_tx bigint, after_stream text, after_seq bigint, after_hash bytea, kinds text[], most_rows bigint, most_bytes bigint, body_bytes integer)
RETURNS TABLE (is_cut_off boolean, has_more boolean, tx bigint, stream text, seq bigint, hash bytea, body bytea)
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
  cut bigint := journal_feed_cut();
  first_tx bigint;
  last_tx bigint;
  final record;
  wanted refcursor;
  answered bigint := 0;
  bytes bigint := 0;
  is_full boolean := false;
BEGIN
  IF after_tx >= 0 AND NOT EXISTS (SELECT FROM journal j WHERE j.stream = after_stream AND j.seq = after_seq AND j.tx = after_tx AND j.hash = after_hash) THEN
    is_cut_off := true;
    RETURN NEXT;
    RETURN;
  END IF;

  has_more := false;
  IF after_tx <= 0 AND EXISTS (SELECT FROM journal j WHERE j.tx = 0) THEN
    SELECT p.* INTO final FROM journal_placed(after_tx, after_stream, after_seq, 0, most_rows) p ORDER BY p.stream COLLATE "C" DESC, p.seq DESC LIMIT 1;
    has_more := FOUND;
  END IF;
  IF has_more THEN
    OPEN wanted FOR SELECT j.tx, j.stream, j.seq, j.hash, CASE WHEN body_bytes IS NULL THEN j.body ELSE substr(j.body, 1, body_bytes) END FROM journal j
    WHERE (j.stream, j.seq) > (after_stream COLLATE "C", after_seq) AND (j.stream, j.seq) <= (final.stream, final.seq)
      AND j.tx = 0 AND (kinds IS NULL OR split_part(j.stream, '/', 2) = ANY (kinds))
    ORDER BY j.stream, j.seq;
  ELSE
    after_stream := CASE WHEN after_tx > 0 THEN after_stream ELSE '' END;
    after_tx := greatest(after_tx, 1);
    first_tx := (
      SELECT j.tx FROM journal j WHERE j.tx >= after_tx AND j.tx <= cut AND (j.tx, j.stream, j.seq) > (after_tx, after_stream COLLATE "C", after_seq) ORDER BY j.tx LIMIT 1);
    last_tx := least(first_tx + 999, cut);
    has_more := first_tx IS NOT NULL AND last_tx < cut;
    SELECT j.tx, j.stream, j.seq, j.hash INTO final FROM journal j
    WHERE j.tx >= first_tx AND j.tx <= last_tx AND (j.tx, j.stream, j.seq) > (after_tx, after_stream COLLATE "C", after_seq)
    ORDER BY j.tx DESC, j.stream DESC, j.seq DESC LIMIT 1;
    OPEN wanted FOR SELECT j.tx, j.stream, j.seq, j.hash, CASE WHEN body_bytes IS NULL THEN j.body ELSE substr(j.body, 1, body_bytes) END FROM journal j
    WHERE j.tx >= first_tx AND j.tx <= last_tx AND (kinds IS NULL OR split_part(j.stream, '/', 2) = ANY (kinds))
      AND (j.tx, j.stream, j.seq) > (after_tx, after_stream COLLATE "C", after_seq)
    ORDER BY j.tx, j.stream, j.seq;
  END IF;

  LOOP
    FETCH wanted INTO tx, stream, seq, hash, body;
    EXIT WHEN NOT FOUND;
    RETURN NEXT;
    answered := answered + 1;
    bytes := bytes + octet_length(body);
    is_full := answered >= most_rows OR bytes >= most_bytes;
    EXIT WHEN is_full;
  END LOOP;
  CLOSE wanted;
  IF is_full THEN
    has_more := true;
  ELSIF final.tx IS NOT NULL AND split_part(final.stream, '/', 2) <> ALL (kinds) THEN
    tx := final.tx;
    stream := final.stream;
    seq := final.seq;
    hash := final.hash;
    body := NULL;
    RETURN NEXT;
  END IF;

  is_cut_off := false;
  tx := cut;
  stream := NULL;
  seq := (SELECT max(j.tx) FROM journal j);
  hash := NULL;
  body := NULL;
  RETURN NEXT;
END $$;
