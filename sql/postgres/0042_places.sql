-- Orders of runs by whose they are, by payer, source and amount are kept behind the append, as sums by the day are: an append only says in which series its row stands, in the row that waits
-- anyway, and `runs_days_add` writes one posting for all that a series got meanwhile, in place of eight entries of indexes for each run. Whoever asks reads postings and what waits, both of one
-- snapshot, so a list has all that is committed, as before. Silos of the release before that still run write the same, by these triggers; their lists by one of these columns go through the order of time
-- meanwhile, which is slow and not wrong.

-- In the order in which appends write them, so that nobody waits in a circle. Readers go on until the indexes go, at the end.
LOCK TABLE refunded_payments, runs IN SHARE ROW EXCLUSIVE MODE;

-- Nobody else takes meanwhile what waits.
SELECT pg_advisory_xact_lock('runs_days_waiting'::regclass::oid::bigint);

-- The rows of a tenant that are alike in one column: 64 bits of a hash. Two that are equal by accident share a series, so a query still compares the column itself. Null has none.
CREATE FUNCTION place_series(tenant text, name text, value text) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN hashtextextended(value COLLATE "C", hashtextextended(name COLLATE "C", hashtextextended(tenant COLLATE "C", 0)));

CREATE FUNCTION runs_series(tenant text, user_id text, agent_id text, campaign_id text, service_id text, provider text, amount_micros bigint, payer text, source text) RETURNS bigint[] LANGUAGE sql IMMUTABLE
RETURN array_remove(ARRAY[
  place_series(tenant, 'user_id', user_id), place_series(tenant, 'agent_id', agent_id), place_series(tenant, 'campaign_id', campaign_id), place_series(tenant, 'service_id', service_id),
  place_series(tenant, 'provider', provider), place_series(tenant, 'amount_micros', amount_micros::text), place_series(tenant, 'payer', payer), place_series(tenant, 'source', source)], NULL);

-- A posting: times at which a series has rows, of one UTC day and no more than 100, so that it is never stored out of line. Rows are found by their time, in the order that all of the tenant's have. Postings
-- of a series overlap, for commits come late. One that spans a minute or more is wide: so whoever begins in the middle finds those that reach over it among a minute's and a day's.
CREATE TABLE runs_places (series bigint NOT NULL, wide boolean NOT NULL, first_at bigint NOT NULL, last_at bigint NOT NULL, ats bigint[] NOT NULL);
CREATE INDEX runs_places_order ON runs_places (series, wide, last_at);

-- A row that waits without series changes sums only.
ALTER TABLE runs_days_waiting ADD COLUMN settled_at bigint, ADD COLUMN series bigint[];

-- What rows of runs say; with sign -1 what they said. One search a row for what was given back, whatever the planner believes. A time at which no row of the series is left is passed over by whoever
-- reads; when no row is left, as a rebuild begins, none is kept.
CREATE OR REPLACE FUNCTION runs_add() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO runs_days_waiting
    SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, num_nonnulls(r.payment_id), num_nonnulls(r.payment_id) * r.amount_micros,
      coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0),
      r.settled_at, runs_series(r.tenant, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.amount_micros, r.payer, r.source)
    FROM new_rows r;
  ELSE
    INSERT INTO runs_days_waiting
    SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, -1, -r.amount_micros,
      -coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0)
    FROM old_rows r WHERE r.payment_id IS NOT NULL;
    DELETE FROM runs_places WHERE NOT EXISTS (SELECT FROM runs);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION runs_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO runs_days_waiting
  SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.sign * num_nonnulls(r.payment_id), r.sign * num_nonnulls(r.payment_id) * r.amount_micros,
    r.sign * coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0),
    r.settled_at, CASE r.sign WHEN 1 THEN runs_series(r.tenant, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.amount_micros, r.payer, r.source) END
  FROM (SELECT *, 1 AS sign FROM new_rows UNION ALL SELECT *, -1 FROM old_rows) r;
  RETURN NULL;
END $$;

-- Adds up to `most` rows that wait to the sums and to the places, and says how many there were. One process at a time; who comes meanwhile leaves it to the other.
CREATE OR REPLACE FUNCTION runs_days_add(most bigint) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET work_mem = '64MB' AS $$
DECLARE
  added bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock('runs_days_waiting'::regclass::oid::bigint) THEN
    RETURN 0;
  END IF;
  WITH gone AS (
    DELETE FROM runs_days_waiting WHERE ctid = ANY (ARRAY (SELECT ctid FROM runs_days_waiting LIMIT most)) RETURNING *),
  sums AS (
    INSERT INTO runs_days AS d
    SELECT w.tenant, w.day, k.kind, k.id, k.part, 0, sum(w.payments), sum(w.amount_micros), sum(w.refunded_micros)
    FROM gone w, LATERAL (VALUES ('', '', ''), ('agent_id', w.agent_id, ''), ('campaign_id', w.campaign_id, ''), ('service_id', w.service_id, w.provider), ('user_id', w.user_id, '')) AS k (kind, id, part)
    WHERE k.id IS NOT NULL AND (w.payments <> 0 OR w.refunded_micros <> 0) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros),
  places AS (
    INSERT INTO runs_places
    SELECT p.series, b.last_at - b.first_at >= 60000000, b.first_at, b.last_at, b.ats
    FROM (
      SELECT s.series, array_agg(s.at) AS ats FROM (SELECT unnest(w.series) AS series, w.settled_at AS at FROM (SELECT * FROM gone ORDER BY settled_at) w) s
      GROUP BY s.series, s.at / 86400000000 ORDER BY s.series) p,
      generate_series(1, cardinality(p.ats), 100) AS part, LATERAL (SELECT array_agg(u.at) AS ats, min(u.at) AS first_at, max(u.at) AS last_at FROM unnest(p.ats[part:part + 99]) AS u (at)) b)
  SELECT count(*) INTO added FROM gone;
  RETURN added;
END $$;

-- The first `wanted` times of a series, newest first, each once: later than `above`, at most `upto`. Of the postings that end last so many are read as should be enough, with what waits. What they have above
-- the floor, where the last of them ends, is all that there is, for every other one ends there or earlier; it goes on from the floor.
CREATE FUNCTION runs_placed(of_series bigint, above bigint, upto bigint, wanted bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
DECLARE
  waiting bigint[] := ARRAY(SELECT DISTINCT w.settled_at FROM runs_days_waiting w WHERE of_series = ANY (w.series) AND w.settled_at > above AND w.settled_at <= upto ORDER BY 1 DESC LIMIT wanted);
  many bigint := wanted / 100 + 8;
  floor bigint;
  got bigint;
  listed bigint := 0;
BEGIN
  LOOP
    floor := coalesce((
      SELECT l.last_at FROM (VALUES (false, 60000000::bigint), (true, 86400000000)) s (wide, span), LATERAL (
        SELECT p.last_at FROM runs_places p WHERE p.series = of_series AND p.wide = s.wide AND p.last_at > above AND p.last_at < upto + s.span AND p.first_at <= upto ORDER BY p.last_at DESC LIMIT many) l
      ORDER BY l.last_at DESC OFFSET many - 1 LIMIT 1), above);
    RETURN QUERY
      SELECT DISTINCT q.at FROM (
        SELECT unnest(p.ats) AS at FROM (VALUES (false, 60000000::bigint), (true, 86400000000)) s (wide, span), runs_places p
        WHERE p.series = of_series AND p.wide = s.wide AND p.last_at > floor AND p.last_at < upto + s.span AND p.first_at <= upto
        UNION ALL SELECT unnest(waiting)) q
      WHERE q.at > floor AND q.at <= upto ORDER BY 1 DESC LIMIT wanted - listed;
    GET DIAGNOSTICS got = ROW_COUNT;
    listed := listed + got;
    EXIT WHEN listed >= wanted OR floor = above;
    upto := least(upto, floor);
    many := many * 4;
  END LOOP;
END $$;

-- What is there waits like all else, and is taken in the order in which it stands.
INSERT INTO runs_days_waiting
SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, 0, 0, 0,
  r.settled_at, runs_series(r.tenant, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.amount_micros, r.payer, r.source)
FROM runs r;
DO $$
BEGIN
  WHILE runs_days_add(500000) > 0 LOOP
  END LOOP;
END $$;

DROP INDEX runs_agent, runs_amount, runs_campaign, runs_payer, runs_provider, runs_service, runs_source, runs_user;
