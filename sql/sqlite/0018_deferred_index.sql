-- Orders of payments by whose they are, and their sums by the day, are kept behind the append: kept within it they were most of what an append cost, for each
-- row dirtied a page of its own in each index. What a row changes waits in a list that grows at its end, and goes to its places many rows at a time, in their order.

DROP INDEX runs_user;
DROP INDEX runs_agent;
DROP INDEX runs_campaign;
DROP INDEX runs_service;
DROP INDEX runs_provider;
DROP TRIGGER runs_inserted;
DROP TRIGGER runs_deleted;
DROP TRIGGER runs_updated;

-- Places of rows: series is a number that follows from the tenant, a column's name and its value.
CREATE TABLE runs_index (series INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (series, at, id)) WITHOUT ROWID;

-- What waits: a row of runs that came (sign 1) or went (-1), and what it adds to the sums of its day.
CREATE TABLE runs_pending (
  n INTEGER PRIMARY KEY, sign INTEGER NOT NULL, tenant TEXT NOT NULL, run_id TEXT NOT NULL, settled_at INTEGER NOT NULL,
  user_id TEXT NOT NULL, agent_id TEXT NOT NULL, campaign_id TEXT, service_id TEXT NOT NULL, provider TEXT NOT NULL,
  payments INTEGER NOT NULL, amount_micros INTEGER NOT NULL, refunded_micros INTEGER NOT NULL);

CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros)
  SELECT 1, NEW.tenant, NEW.run_id, NEW.settled_at, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.provider, NEW.payment_id IS NOT NULL,
    CASE WHEN NEW.payment_id IS NULL THEN 0 ELSE NEW.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0);
END;

CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros)
  SELECT -1, OLD.tenant, OLD.run_id, OLD.settled_at, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.provider, OLD.payment_id IS NOT NULL,
    CASE WHEN OLD.payment_id IS NULL THEN 0 ELSE OLD.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0);
END;

CREATE TRIGGER runs_updated AFTER UPDATE ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros)
  SELECT -1, OLD.tenant, OLD.run_id, OLD.settled_at, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.provider, OLD.payment_id IS NOT NULL,
    CASE WHEN OLD.payment_id IS NULL THEN 0 ELSE OLD.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0)
  UNION ALL
  SELECT 1, NEW.tenant, NEW.run_id, NEW.settled_at, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.provider, NEW.payment_id IS NOT NULL,
    CASE WHEN NEW.payment_id IS NULL THEN 0 ELSE NEW.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0);
END;

-- Rows of before: their places are to be found yet, their sums are kept already.
INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros)
SELECT 1, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, 0, 0, 0 FROM runs;
