-- Payments by UTC day are added up behind the append: an append only says what it adds, in a row that nothing orders, and `runs_days_add`, some seconds later, brings
-- many of them to the sums at once. Whoever asks adds what waits to what stands, both of one snapshot, so sums are exact at every commit, as before.

-- In the order in which appends write them, so that nobody waits in a circle. Readers go on.
LOCK TABLE refunded_payments, runs IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE runs_days_waiting (
  tenant text COLLATE "C" NOT NULL, day bigint NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, campaign_id text COLLATE "C", service_id text COLLATE "C" NOT NULL,
  provider text COLLATE "C" NOT NULL, payments bigint NOT NULL, amount_micros bigint NOT NULL, refunded_micros bigint NOT NULL);

-- Emptied all the time, so looked after by what is written and not by how much there is.
ALTER TABLE runs_days_waiting SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 1000000000);

-- What rows of runs say; with sign -1 what they said. One search a row for what was given back, whatever the planner believes.
CREATE OR REPLACE FUNCTION runs_add() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO runs_days_waiting
    SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, 1, r.amount_micros,
      coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0)
    FROM new_rows r WHERE r.payment_id IS NOT NULL;
  ELSE
    INSERT INTO runs_days_waiting
    SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, -1, -r.amount_micros,
      -coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0)
    FROM old_rows r WHERE r.payment_id IS NOT NULL;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION runs_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO runs_days_waiting
  SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, r.sign, r.sign * r.amount_micros,
    r.sign * coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0)
  FROM (SELECT *, 1 AS sign FROM new_rows UNION ALL SELECT *, -1 FROM old_rows) r WHERE r.payment_id IS NOT NULL;
  RETURN NULL;
END $$;

-- What was given back of a payment counts on the payment's day.
CREATE OR REPLACE FUNCTION refunded_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  of_tenant text := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant ELSE NEW.tenant END;
  of_payment text := CASE TG_OP WHEN 'DELETE' THEN OLD.payment_id ELSE NEW.payment_id END;
  more bigint := CASE TG_OP WHEN 'DELETE' THEN 0 ELSE NEW.refunded_micros END - CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.refunded_micros END;
BEGIN
  INSERT INTO runs_days_waiting
  SELECT r.tenant, r.settled_at / 86400000000, r.user_id, r.agent_id, r.campaign_id, r.service_id, r.provider, 0, 0, more
  FROM runs r WHERE r.payment_id = of_payment COLLATE "C" AND r.tenant = of_tenant COLLATE "C";
  RETURN NULL;
END $$;

-- Adds up to `most` rows that wait, and says how many there were. One process at a time; who comes meanwhile leaves it to the other.
CREATE FUNCTION runs_days_add(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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
    WHERE k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros)
  SELECT count(*) INTO added FROM gone;
  RETURN added;
END $$;

-- Of a row that is larger than two kilobytes most time went into compressing it. Where the server has no lz4 it stays as it was.
DO $$
BEGIN
  ALTER TABLE journal ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
  NULL;
END $$;
