-- What is read of payments, sessions and audit: columns that views show, an index for each order and filter of the lists, sums by the day, and the views
-- for people with SQL. What the new columns say of before is taken from other rows, or comes with a rebuild.

-- In the order in which appends write them, so that nobody waits in a circle.
LOCK TABLE approvals, audit, completions, consents, refunded_payments, runs, sessions IN ACCESS EXCLUSIVE MODE;

ALTER TABLE runs ADD COLUMN tx_hash text COLLATE "C";
ALTER TABLE sessions ADD COLUMN scopes text COLLATE "C";
ALTER TABLE audit ADD COLUMN agent_id text COLLATE "C";
ALTER TABLE audit ADD COLUMN user_id text COLLATE "C";
UPDATE audit SET agent_id = s.agent_id, user_id = s.user_id FROM sessions s WHERE s.tenant = audit.tenant AND s.session_id = audit.session_id;

-- Newest first, of all or of one. On a large database they can be made beforehand, beside the release before, under these names.
CREATE INDEX IF NOT EXISTS runs_time ON runs (tenant, settled_at);
CREATE INDEX IF NOT EXISTS runs_user ON runs (tenant, user_id, settled_at);
CREATE INDEX IF NOT EXISTS runs_agent ON runs (tenant, agent_id, settled_at);
CREATE INDEX IF NOT EXISTS runs_campaign ON runs (tenant, campaign_id, settled_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_service ON runs (tenant, service_id, settled_at);
CREATE INDEX IF NOT EXISTS runs_provider ON runs (tenant, provider, settled_at);
CREATE INDEX IF NOT EXISTS runs_failed ON runs (tenant, settled_at) WHERE failure_code IS NOT NULL;
DROP INDEX runs_session;
CREATE INDEX IF NOT EXISTS runs_of_session ON runs (tenant, session_id, settled_at);
CREATE INDEX sessions_user ON sessions (tenant, user_id, created_at);
CREATE INDEX sessions_of_agent ON sessions (tenant, agent_id, created_at);
CREATE INDEX completions_time ON completions (tenant, completed_at);
CREATE INDEX completions_user ON completions (tenant, user_id, completed_at);
CREATE INDEX approvals_time ON approvals (tenant, requested_at);
CREATE INDEX sessions_parent ON sessions (tenant, parent_session_id) WHERE parent_session_id IS NOT NULL;

-- Payments by UTC day (of when they ended), of all and of one agent, campaign or service, the last parted by provider: count, amount, and what of them was
-- given back since. Kept by each statement that changes a row they follow from, so exact at every commit, whoever writes. A connection adds to rows of its own shard.
-- The day comes first: what is written now stands close together.
CREATE TABLE runs_days (
  tenant text COLLATE "C" NOT NULL, day bigint NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, part text COLLATE "C" NOT NULL, shard bigint NOT NULL,
  payments bigint NOT NULL, amount_micros numeric NOT NULL, refunded_micros numeric NOT NULL,
  PRIMARY KEY (tenant, day, kind, id, part, shard)) WITH (fillfactor = 50);

-- What rows of runs say, each under all that is summed; with sign -1 what they said. No plan but one search each for what was given back, whatever the planner believes.
CREATE FUNCTION runs_add() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO runs_days AS d
    SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, count(*), sum(r.amount_micros), sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0))
    FROM new_rows r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider)) AS k (kind, id, part) WHERE r.payment_id IS NOT NULL AND k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  ELSE
    INSERT INTO runs_days AS d
    SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, -count(*), -sum(r.amount_micros), -sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0))
    FROM old_rows r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider)) AS k (kind, id, part) WHERE r.payment_id IS NOT NULL AND k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION runs_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO runs_days AS d
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, sum(r.sign), sum(r.sign * r.amount_micros), sum(r.sign * coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = r.tenant AND p.payment_id = r.payment_id), 0))
  FROM (SELECT *, 1 AS sign FROM new_rows UNION ALL SELECT *, -1 FROM old_rows) r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider)) AS k (kind, id, part)
  WHERE r.payment_id IS NOT NULL AND k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  RETURN NULL;
END $$;

CREATE TRIGGER runs_inserted AFTER INSERT ON runs REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION runs_add();
CREATE TRIGGER runs_deleted AFTER DELETE ON runs REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION runs_add();
CREATE TRIGGER runs_updated AFTER UPDATE ON runs REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION runs_change();

-- What was given back of a payment counts on the payment's day.
CREATE FUNCTION refunded_change() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  of_tenant text := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant ELSE NEW.tenant END;
  of_payment text := CASE TG_OP WHEN 'DELETE' THEN OLD.payment_id ELSE NEW.payment_id END;
  more numeric := CASE TG_OP WHEN 'DELETE' THEN 0 ELSE NEW.refunded_micros END - CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.refunded_micros END;
BEGIN
  INSERT INTO runs_days AS d
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, pg_backend_pid() % 64, 0, 0, more
  FROM runs r, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider)) AS k (kind, id, part) WHERE r.payment_id = of_payment COLLATE "C" AND r.tenant = of_tenant COLLATE "C" AND k.id IS NOT NULL ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (tenant, day, kind, id, part, shard) DO UPDATE SET
    payments = d.payments + excluded.payments, amount_micros = d.amount_micros + excluded.amount_micros, refunded_micros = d.refunded_micros + excluded.refunded_micros;
  RETURN NULL;
END $$;

CREATE TRIGGER refunded_inserted AFTER INSERT ON refunded_payments FOR EACH ROW EXECUTE FUNCTION refunded_change();
CREATE TRIGGER refunded_updated AFTER UPDATE ON refunded_payments FOR EACH ROW EXECUTE FUNCTION refunded_change();
CREATE TRIGGER refunded_deleted AFTER DELETE ON refunded_payments FOR EACH ROW EXECUTE FUNCTION refunded_change();

INSERT INTO runs_days
SELECT r.tenant, r.settled_at / 86400000000, k.kind, k.id, k.part, 0, count(*), sum(r.amount_micros), sum(coalesce(p.refunded_micros, 0))
FROM runs r LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id, LATERAL (VALUES ('', '', ''), ('agent_id', r.agent_id, ''), ('campaign_id', r.campaign_id, ''), ('service_id', r.service_id, r.provider)) AS k (kind, id, part)
WHERE r.payment_id IS NOT NULL AND k.id IS NOT NULL GROUP BY 1, 2, 3, 4, 5;

-- The views. They hold no personal text, no key and no token; amounts are cents, times are timestamps.

CREATE VIEW agent_sessions AS
SELECT s.session_id AS id, s.tenant, s.agent_id, s.user_id, s.scopes::jsonb AS scopes, s.budget_limit_micros / 10000.0 AS budget_limit_cents,
  coalesce((
    WITH RECURSIVE below (session_id) AS (
      SELECT s.session_id UNION ALL SELECT c.session_id FROM below b JOIN sessions c ON c.tenant = s.tenant AND c.parent_session_id = b.session_id)
    SELECT sum(r.amount_micros - coalesce(p.refunded_micros, 0)) FROM below b JOIN runs r ON r.tenant = s.tenant AND r.session_id = b.session_id
    LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) / 10000.0 AS budget_spent_cents,
  s.closed_at IS NULL AND s.expires_at > extract(epoch from now()) * 1000000 AS active, timestamptz 'epoch' + s.created_at * interval '1 microsecond' AS created_at, timestamptz 'epoch' + s.expires_at * interval '1 microsecond' AS expires_at,
  CASE WHEN s.closed_at < s.expires_at THEN timestamptz 'epoch' + s.closed_at * interval '1 microsecond' END AS revoked_at, s.parent_session_id, s.depth
FROM sessions s;

CREATE VIEW agent_audit_logs AS
SELECT a.audit_id AS id, a.tenant, a.session_id AS agent_session_id, a.agent_id, a.user_id, a.operation, a.endpoint, a.request_summary, a.response_status,
  CASE WHEN a.endpoint LIKE '% /admin/%' THEN 'human' ELSE 'agent' END AS execution_mode, timestamptz 'epoch' + a.created_at * interval '1 microsecond' AS created_at
FROM audit a
UNION ALL
SELECT r.run_id, r.tenant, r.session_id, r.agent_id, r.user_id, r.operation, r.endpoint, r.request_summary, r.response_status, 'agent', timestamptz 'epoch' + r.requested_at * interval '1 microsecond'
FROM runs r;

-- The table behind the view of this name.
ALTER TABLE consents RENAME TO user_consents;

CREATE VIEW task_completions AS
SELECT c.completion_id AS id, c.tenant, c.session_id AS agent_session_id, c.agent_id, c.user_id, c.campaign_id, c.execution_mode,
  (SELECT min(g.granted_via) FROM user_consents g WHERE g.tenant = c.tenant AND g.user_id = c.user_id AND g.campaign_id = c.campaign_id) AS granted_via,
  c.consents::jsonb AS consents, c.consent_valid = 1 AS consent_valid, timestamptz 'epoch' + c.completed_at * interval '1 microsecond' AS completed_at
FROM completions c;

CREATE VIEW payments AS
SELECT r.payment_id AS id, r.tenant, r.run_id, r.session_id AS agent_session_id, r.agent_id, r.user_id, r.service_id, r.campaign_id, r.provider, r.payer, r.payer_id, r.source, r.status,
  r.amount_micros / 10000.0 AS amount_cents, r.fee_micros / 10000.0 AS fee_cents, coalesce(p.refunded_micros, 0) / 10000.0 AS refunded_cents, 'agent' AS execution_mode, a.decided_by AS approved_by,
  r.tx_hash, timestamptz 'epoch' + r.requested_at * interval '1 microsecond' AS created_at, timestamptz 'epoch' + r.settled_at * interval '1 microsecond' AS settled_at
FROM runs r
LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id
LEFT JOIN approvals a ON a.tenant = r.tenant AND a.run_id = r.run_id AND a.state = 'approved'
WHERE r.payment_id IS NOT NULL;

-- Silos of the release before still write and read their table of this name, through its last columns: they go with the release after.
CREATE VIEW consents AS
SELECT g.consent_id AS id, g.tenant, g.user_id, (SELECT s.agent_id FROM sessions s WHERE s.tenant = g.tenant AND s.session_id = g.session_id) AS agent_id,
  g.session_id AS agent_session_id, g.campaign_id, g.type AS consent_type, g.granted_via, g.withdrawn_at IS NULL AS active, timestamptz 'epoch' + g.granted_at * interval '1 microsecond' AS created_at,
  timestamptz 'epoch' + g.withdrawn_at * interval '1 microsecond' AS revoked_at,
  g.consent_id, g.session_id, g.type, g.granted_at, g.withdrawn_at, g.stream, g.seq
FROM user_consents g;
