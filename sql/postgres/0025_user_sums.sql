-- Payments by UTC day are also summed for each user, as they are for agents, campaigns and services: by the same triggers.

-- In the order in which appends write them, so that nobody waits in a circle. Readers go on.
LOCK TABLE refunded_payments, runs IN SHARE ROW EXCLUSIVE MODE;

-- What rows of runs say, each under all that is summed; with sign -1 what they said. One search a row for what was given back (OFFSET 0: not one for
-- each sum), whatever the planner believes.
CREATE OR REPLACE FUNCTION runs_add() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO runs_days AS d
    SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, count(*), sum(r.amount_micros), sum(r.back)
    FROM (SELECT *, coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) AS back FROM new_rows r WHERE r.payment_id IS NOT NULL OFFSET 0) r,
      LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider), ('user_id', r.user_id, '')) AS k (kind, id, part) WHERE k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  ELSE
    INSERT INTO runs_days AS d
    SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, -count(*), -sum(r.amount_micros), -sum(r.back)
    FROM (SELECT *, coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) AS back FROM old_rows r WHERE r.payment_id IS NOT NULL OFFSET 0) r,
      LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider), ('user_id', r.user_id, '')) AS k (kind, id, part) WHERE k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION runs_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO runs_days AS d
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, sum(r.sign), sum(r.sign * r.amount_micros), sum(r.sign * r.back)
  FROM (SELECT *, coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) AS back
    FROM (SELECT *, 1 AS sign FROM new_rows UNION ALL SELECT *, -1 FROM old_rows) r WHERE r.payment_id IS NOT NULL OFFSET 0) r,
    LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider), ('user_id', r.user_id, '')) AS k (kind, id, part) WHERE k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  RETURN NULL;
END $$;

-- What was given back of a payment counts on the payment's day.
CREATE OR REPLACE FUNCTION refunded_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  of_tenant text := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant ELSE NEW.tenant END;
  of_payment text := CASE TG_OP WHEN 'DELETE' THEN OLD.payment_id ELSE NEW.payment_id END;
  more numeric := CASE TG_OP WHEN 'DELETE' THEN 0 ELSE NEW.refunded_micros END - CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.refunded_micros END;
BEGIN
  INSERT INTO runs_days AS d
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, 0, 0, more
  FROM runs r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider), ('user_id', r.user_id, '')) AS k (kind, id, part) WHERE r.payment_id = of_payment COLLATE "C" AND r.tenant = of_tenant COLLATE "C" AND k.id IS NOT NULL ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  RETURN NULL;
END $$;

INSERT INTO runs_days
SELECT r.tenant, r.settled_at / 86400000000, 'user_id', r.user_id, '', 0, count(*), sum(r.amount_micros), sum(coalesce(p.refunded_micros, 0))
FROM runs r LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id WHERE r.payment_id IS NOT NULL GROUP BY 1, 2, 4;
