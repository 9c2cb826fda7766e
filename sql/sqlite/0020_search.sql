-- What a search finds things by, and lists by their payer, their source and one amount: each in the order in which it is read.

-- By the key first, then by whose it is: whoever has a key need not know who sent it. Keys are written as often as before, and found alike by both.
CREATE TABLE keys_of_before AS SELECT * FROM client_keys;
DROP TABLE client_keys;
CREATE TABLE client_keys (
  tenant     TEXT    NOT NULL,
  credential TEXT    NOT NULL,
  key        TEXT    NOT NULL,
  stream     TEXT    NOT NULL,
  command_id BLOB    NOT NULL,
  body_hash  BLOB    NOT NULL,
  expires    INTEGER NOT NULL,
  seq        INTEGER NOT NULL, -- of the row that holds the outcome
  UNIQUE (tenant, key, credential)
);
INSERT INTO client_keys SELECT tenant, credential, key, stream, command_id, body_hash, expires, seq FROM keys_of_before;
DROP TABLE keys_of_before;
CREATE INDEX client_keys_by_expiry ON client_keys (expires);
CREATE INDEX client_keys_by_command ON client_keys (command_id);

CREATE INDEX runs_tx ON runs (tenant, tx_hash) WHERE tx_hash IS NOT NULL;
CREATE INDEX agents_owner ON agents (tenant, owner) WHERE owner IS NOT NULL;
CREATE INDEX refunds_id ON refunds (tenant, refund_id);

-- Three more places of a payment, behind the append as the others are.
ALTER TABLE runs_pending ADD COLUMN payer TEXT;
ALTER TABLE runs_pending ADD COLUMN source TEXT;
ALTER TABLE runs_pending ADD COLUMN price_micros INTEGER;
DROP TRIGGER runs_inserted;
DROP TRIGGER runs_deleted;
DROP TRIGGER runs_updated;

CREATE TRIGGER runs_inserted AFTER INSERT ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros, payer, source, price_micros)
  SELECT 1, NEW.tenant, NEW.run_id, NEW.settled_at, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.provider, NEW.payment_id IS NOT NULL,
    CASE WHEN NEW.payment_id IS NULL THEN 0 ELSE NEW.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0),
    NEW.payer, NEW.source, NEW.amount_micros;
END;

CREATE TRIGGER runs_deleted AFTER DELETE ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros, payer, source, price_micros)
  SELECT -1, OLD.tenant, OLD.run_id, OLD.settled_at, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.provider, OLD.payment_id IS NOT NULL,
    CASE WHEN OLD.payment_id IS NULL THEN 0 ELSE OLD.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0),
    OLD.payer, OLD.source, OLD.amount_micros;
END;

CREATE TRIGGER runs_updated AFTER UPDATE ON runs BEGIN
  INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros, payer, source, price_micros)
  SELECT -1, OLD.tenant, OLD.run_id, OLD.settled_at, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.provider, OLD.payment_id IS NOT NULL,
    CASE WHEN OLD.payment_id IS NULL THEN 0 ELSE OLD.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0),
    OLD.payer, OLD.source, OLD.amount_micros
  UNION ALL
  SELECT 1, NEW.tenant, NEW.run_id, NEW.settled_at, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.provider, NEW.payment_id IS NOT NULL,
    CASE WHEN NEW.payment_id IS NULL THEN 0 ELSE NEW.amount_micros END,
    coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0),
    NEW.payer, NEW.source, NEW.amount_micros;
END;

-- Rows of before: their places are to be found yet, their sums are kept already or wait. What waited for its places alone waits here.
DELETE FROM runs_pending WHERE sign = 1 AND payments = 0;
INSERT INTO runs_pending (sign, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, payments, amount_micros, refunded_micros, payer, source, price_micros)
SELECT 1, tenant, run_id, settled_at, user_id, agent_id, campaign_id, service_id, provider, 0, 0, 0, payer, source, amount_micros FROM runs;
