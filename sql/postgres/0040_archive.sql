-- Bodies of rows that nobody needs in a hurry, many compressed in one pack. Their rows stay, with an empty body, which no other row has. A pack comes once and is never changed, and its
-- bytes are compressed already.
CREATE TABLE journal_archive (
  stream text COLLATE "C" NOT NULL, first bigint NOT NULL, last bigint NOT NULL, bodies bytea NOT NULL,
  PRIMARY KEY (stream, first));
ALTER TABLE journal_archive ALTER COLUMN bodies SET STORAGE EXTERNAL;

-- Puts a pack in the place of its rows' bodies, if the stream has no alarm. Of two who try at the same time the second waits, and finds it there.
CREATE FUNCTION journal_archived(of_stream text, from_seq bigint, to_seq bigint, packed bytea) RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  taken bigint;
BEGIN
  IF EXISTS (SELECT FROM due WHERE stream = of_stream COLLATE "C") OR EXISTS (
    SELECT FROM journal_archive a WHERE a.stream = of_stream COLLATE "C" AND a.first <= to_seq AND a.last >= from_seq) THEN
    RETURN false;
  END IF;
  INSERT INTO journal_archive (stream, first, last, bodies) VALUES (of_stream, from_seq, to_seq, packed) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE journal SET body = '' WHERE stream = of_stream COLLATE "C" AND seq BETWEEN from_seq AND to_seq AND octet_length(body) > 0;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken <> to_seq - from_seq + 1 THEN
    RAISE EXCEPTION 'the pack % to % of % has % rows in the journal', from_seq, to_seq, of_stream, taken;
  END IF;
  RETURN true;
END $$;
