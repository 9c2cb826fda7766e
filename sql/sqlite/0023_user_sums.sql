-- Payments by UTC day are also summed for each user, as they are for agents, campaigns and services: behind the append, and where something is given back.

DROP TRIGGER refunded_inserted;
DROP TRIGGER refunded_updated;
DROP TRIGGER refunded_deleted;

CREATE TRIGGER refunded_inserted AFTER INSERT ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id WHEN 'service_id' THEN r.service_id ELSE r.user_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, NEW.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'), ('user_id'))) k
  WHERE r.payment_id = NEW.payment_id AND r.tenant = NEW.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER refunded_updated AFTER UPDATE ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id WHEN 'service_id' THEN r.service_id ELSE r.user_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, NEW.refunded_micros - OLD.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'), ('user_id'))) k
  WHERE r.payment_id = NEW.payment_id AND r.tenant = NEW.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER refunded_deleted AFTER DELETE ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id WHEN 'service_id' THEN r.service_id ELSE r.user_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, -OLD.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'), ('user_id'))) k
  WHERE r.payment_id = OLD.payment_id AND r.tenant = OLD.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

-- Payments of before, without what still waits: that is added when it leaves there.
INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
SELECT tenant, day, 'user_id', user_id, '', sum(payments), sum(amount_micros), sum(refunded_micros) FROM (
  SELECT tenant, settled_at / 86400000000 AS day, user_id, 1 AS payments, amount_micros,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = runs.tenant AND p.payment_id = runs.payment_id), 0) AS refunded_micros
  FROM runs WHERE payment_id IS NOT NULL
  UNION ALL SELECT tenant, settled_at / 86400000000, user_id, -sign, -sign * amount_micros, -sign * refunded_micros FROM runs_pending WHERE payments = 1)
GROUP BY 1, 2, 4;
