-- Orders of the audit by user, agent, operation and status are kept behind the append, as those of runs are (0042), and in the same postings. What waits for one has a table of its own, for who asks for sums
-- or runs reads through all that waits there, and reads are many more than runs. A session's rows keep their index, as on SQLite: agents read those themselves.

-- Readers go on until the indexes go, at the end.
LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE;

-- Emptied all the time, so looked after by what is written and not by how much there is.
CREATE TABLE audit_waiting (at bigint NOT NULL, series bigint[] NOT NULL);
ALTER TABLE audit_waiting SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 1000000000);

-- No column of runs has such a name, so series of both are told apart.
CREATE FUNCTION audit_series(tenant text, user_id text, agent_id text, operation text, response_status bigint) RETURNS bigint[] LANGUAGE sql IMMUTABLE
RETURN array_remove(ARRAY[
  place_series(tenant, 'audit.user_id', user_id), place_series(tenant, 'audit.agent_id', agent_id), place_series(tenant, 'audit.operation', operation),
  place_series(tenant, 'audit.response_status', response_status::text)], NULL);

CREATE FUNCTION audit_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_waiting SELECT a.created_at, audit_series(a.tenant, a.user_id, a.agent_id, a.operation, a.response_status) FROM new_rows a;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_inserted AFTER INSERT ON audit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_add();
CREATE TRIGGER audit_updated AFTER UPDATE ON audit REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION audit_add();

-- A time at which no row of the series is left is passed over by whoever reads; when no row is left of either table, as a rebuild begins, none is kept.
CREATE FUNCTION places_forget() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM runs_places WHERE NOT EXISTS (SELECT FROM runs) AND NOT EXISTS (SELECT FROM audit);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_deleted AFTER DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION places_forget();
CREATE TRIGGER runs_forgotten AFTER DELETE ON runs FOR EACH STATEMENT EXECUTE FUNCTION places_forget();

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
  END IF;
  RETURN NULL;
END $$;

-- The first `wanted` times of a series, newest first, each once: later than `above`, at most `upto`, of postings and of `waiting`. Of the postings that end last so many are read as should be enough. What they
-- have above the floor, where the last of them ends, is all that there is, for every other one ends there or earlier; it goes on from the floor.
CREATE FUNCTION placed(of_series bigint, above bigint, upto bigint, wanted bigint, waiting bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
DECLARE
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

CREATE OR REPLACE FUNCTION runs_placed(of_series bigint, above bigint, upto bigint, wanted bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT placed(of_series, above, upto, wanted,
    ARRAY(SELECT DISTINCT w.settled_at FROM runs_days_waiting w WHERE of_series = ANY (w.series) AND w.settled_at > above AND w.settled_at <= upto ORDER BY 1 DESC LIMIT wanted))
$$;

CREATE FUNCTION audit_placed(of_series bigint, above bigint, upto bigint, wanted bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
  SELECT placed(of_series, above, upto, wanted, ARRAY(SELECT DISTINCT w.at FROM audit_waiting w WHERE of_series = ANY (w.series) AND w.at > above AND w.at <= upto ORDER BY 1 DESC LIMIT wanted))
$$;

-- What is there has its postings at once. From now on programs make them of what waits, and of runs too: `runs_days_add` is for those of the release before.
INSERT INTO runs_places
SELECT p.series, b.last_at - b.first_at >= 60000000, b.first_at, b.last_at, b.ats
FROM (
  SELECT s.series, array_agg(s.at) AS ats
  FROM (SELECT unnest(audit_series(a.tenant, a.user_id, a.agent_id, a.operation, a.response_status)) AS series, a.created_at AS at FROM (SELECT * FROM audit ORDER BY created_at) a) s
  GROUP BY s.series, s.at / 86400000000 ORDER BY s.series) p,
  generate_series(1, cardinality(p.ats), 100) AS part, LATERAL (SELECT array_agg(u.at) AS ats, min(u.at) AS first_at, max(u.at) AS last_at FROM unnest(p.ats[part:part + 99]) AS u (at)) b;

DROP INDEX audit_agent, audit_operation, audit_status, audit_user;
