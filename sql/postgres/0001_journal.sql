-- The store of record. Text is compared by its bytes everywhere, so that pages and orders are the same on every server and locale.

CREATE TABLE journal (
  stream text   COLLATE "C" NOT NULL,
  seq    bigint NOT NULL CHECK (seq > 0),
  hash   bytea  NOT NULL,
  body   bytea  NOT NULL,
  PRIMARY KEY (stream, seq)
);

CREATE TABLE snapshots (
  stream  text    COLLATE "C" PRIMARY KEY,
  seq     bigint  NOT NULL,
  hash    bytea   NOT NULL,
  version integer NOT NULL,
  key_id  text    COLLATE "C",
  state   bytea   NOT NULL
);

CREATE TABLE client_keys (
  tenant     text   COLLATE "C" NOT NULL,
  credential text   COLLATE "C" NOT NULL,
  key        text   COLLATE "C" NOT NULL,
  stream     text   COLLATE "C" NOT NULL,
  command_id uuid   NOT NULL,
  body_hash  bytea  NOT NULL,
  expires    bigint NOT NULL,
  seq        bigint NOT NULL, -- of the row that holds the outcome
  PRIMARY KEY (tenant, credential, key)
);

CREATE INDEX client_keys_by_expiry ON client_keys (expires);

-- One alarm a stream: written and cleared only by the stream's own append.
CREATE TABLE due (
  stream text   COLLATE "C" PRIMARY KEY,
  at     bigint NOT NULL
);

CREATE INDEX due_by_time ON due (at, stream);

-- Wrapped with the master key. No bytes mark a key that is destroyed and can never be put again.
CREATE TABLE personal_keys (
  id        text  COLLATE "C" PRIMARY KEY,
  wrapped   bytea NOT NULL,
  destroyed xid8 -- by which transaction
);

-- Processes follow what others destroy: all from the oldest transaction that was not over when they last looked.
CREATE INDEX personal_keys_destroyed ON personal_keys (destroyed) WHERE destroyed IS NOT NULL;

-- Written by readiness, which is to find out whether the server still takes anything.
CREATE TABLE probe (
  id integer PRIMARY KEY CHECK (id = 1),
  at bigint NOT NULL
);

-- The store's clock, µs since the Unix epoch.
CREATE FUNCTION journal_now() RETURNS bigint LANGUAGE sql VOLATILE
  RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- Which life of which server this is. It changes with a restart and with a failover, after which rows may be missing that were
-- there before; so what a process remembers of the journal holds within one incarnation only.
CREATE FUNCTION journal_incarnation() RETURNS bigint LANGUAGE sql STABLE
  RETURN (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint;

-- The last statement of an append: refuses the whole batch by an error of class AG when any of it must not be written, after which
-- the caller looks stream by stream. It stands behind the inserts, which wait for whoever else is about to write the same rows.
-- Plans here must never fall back to reading the journal whole, whatever the statistics say: hence the setting and the scalar subqueries.
CREATE FUNCTION journal_guard(known bigint, latest bigint, streams text[], seqs bigint[], hashes bytea[], checked text[], heads bigint[])
RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  incarnation bigint := journal_incarnation();
BEGIN
  -- Acknowledged means durable, whatever the server's default is.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION USING ERRCODE = '25006', MESSAGE = 'the server is a standby';
  END IF;
  IF known <> 0 AND known <> incarnation THEN
    RAISE EXCEPTION USING ERRCODE = 'AG001', MESSAGE = 'the server is another incarnation';
  END IF;
  IF latest > journal_now() + 5000000 THEN
    RAISE EXCEPTION USING ERRCODE = 'AG002', MESSAGE = 'a row is more than 5 s ahead of the clock';
  END IF;
  IF (SELECT bool_or((SELECT j.hash FROM journal j WHERE j.stream = h.stream AND j.seq = h.seq) IS DISTINCT FROM h.hash)
      FROM unnest(streams, seqs, hashes) AS h (stream, seq, hash)) THEN
    RAISE EXCEPTION USING ERRCODE = 'AG003', MESSAGE = 'a predecessor is missing or another one';
  END IF;
  IF (SELECT bool_or((SELECT true FROM journal j WHERE j.stream = h.stream AND j.seq > h.seq LIMIT 1))
      FROM unnest(checked, heads) AS h (stream, seq)) THEN
    RAISE EXCEPTION USING ERRCODE = 'AG004', MESSAGE = 'a row stands above a head';
  END IF;
  RETURN incarnation;
END $$;

-- The same for a batch whose predecessors are all known and which checks no head: an expression that the caller's plan takes in whole.
CREATE FUNCTION journal_guard(known bigint, latest bigint) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN CASE
    WHEN current_setting('synchronous_commit') = 'off' OR pg_is_in_recovery()
      OR known NOT IN (0, journal_incarnation()) OR latest > journal_now() + 5000000
    THEN journal_guard(known, latest, '{}', '{}', '{}', '{}', '{}')
    ELSE journal_incarnation()
  END;

-- The careful look: for each (stream, seq) the hash at seq, the hash at seq + 1, and whether anything stands above seq.
CREATE FUNCTION journal_look(streams text[], seqs bigint[]) RETURNS TABLE (i bigint, head bytea, next bytea, above boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT h.i,
    (SELECT j.hash FROM journal j WHERE j.stream = h.stream AND j.seq = h.seq),
    (SELECT j.hash FROM journal j WHERE j.stream = h.stream AND j.seq = h.seq + 1),
    coalesce((SELECT true FROM journal j WHERE j.stream = h.stream AND j.seq > h.seq LIMIT 1), false)
  FROM unnest(streams, seqs) WITH ORDINALITY AS h (stream, seq, i);
END $$;

-- Places (from 1) of the client keys that are taken.
CREATE FUNCTION journal_taken(tenants text[], credentials text[], keys text[]) RETURNS SETOF bigint
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT k.i FROM unnest(tenants, credentials, keys) WITH ORDINALITY AS k (tenant, credential, key, i)
  WHERE (SELECT true FROM client_keys c WHERE c.tenant = k.tenant AND c.credential = k.credential AND c.key = k.key);
END $$;
