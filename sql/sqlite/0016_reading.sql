-- What is read of payments, sessions and audit: columns that views show, an index for each order and filter of the lists, sums by the day, and the views
-- for people with SQL. What the new columns say of before is taken from other rows, or comes with a rebuild.

ALTER TABLE runs ADD COLUMN tx_hash TEXT;
ALTER TABLE sessions ADD COLUMN scopes TEXT;
ALTER TABLE audit ADD COLUMN agent_id TEXT;
ALTER TABLE audit ADD COLUMN user_id TEXT;
UPDATE audit SET agent_id = s.agent_id, user_id = s.user_id FROM sessions s WHERE s.tenant = audit.tenant AND s.session_id = audit.session_id;

-- Newest first, of all or of one.
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
-- given back since. Kept by each statement that changes a row they follow from, so exact at every commit, whoever writes.
-- The day comes first: what is written now stands close together.
CREATE TABLE runs_days (
  tenant TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, part TEXT NOT NULL,
  payments INTEGER NOT NULL, amount_micros INTEGER NOT NULL, refunded_micros INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, kind, id, part)) WITHOUT ROWID;

CREATE TRIGGER runs_inserted AFTER INSERT ON runs WHEN NEW.payment_id IS NOT NULL BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT NEW.tenant, NEW.settled_at / 86400000000, column1, column2, column3, 1, NEW.amount_micros, back
  FROM (SELECT coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0) AS back), (VALUES ('', '', ''), ('agent_id', NEW.agent_id, ''), ('campaign_id', NEW.campaign_id, ''), ('service_id', NEW.service_id, NEW.provider)) WHERE column2 IS NOT NULL
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER runs_deleted AFTER DELETE ON runs WHEN OLD.payment_id IS NOT NULL BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT OLD.tenant, OLD.settled_at / 86400000000, column1, column2, column3, -1, -OLD.amount_micros, -back
  FROM (SELECT coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0) AS back), (VALUES ('', '', ''), ('agent_id', OLD.agent_id, ''), ('campaign_id', OLD.campaign_id, ''), ('service_id', OLD.service_id, OLD.provider)) WHERE column2 IS NOT NULL
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER runs_updated AFTER UPDATE ON runs BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT OLD.tenant, OLD.settled_at / 86400000000, column1, column2, column3, -1, -OLD.amount_micros, -back
  FROM (SELECT coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = OLD.tenant AND p.payment_id = OLD.payment_id), 0) AS back), (VALUES ('', '', ''), ('agent_id', OLD.agent_id, ''), ('campaign_id', OLD.campaign_id, ''), ('service_id', OLD.service_id, OLD.provider)) WHERE column2 IS NOT NULL AND OLD.payment_id IS NOT NULL
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT NEW.tenant, NEW.settled_at / 86400000000, column1, column2, column3, 1, NEW.amount_micros, back
  FROM (SELECT coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = NEW.tenant AND p.payment_id = NEW.payment_id), 0) AS back), (VALUES ('', '', ''), ('agent_id', NEW.agent_id, ''), ('campaign_id', NEW.campaign_id, ''), ('service_id', NEW.service_id, NEW.provider)) WHERE column2 IS NOT NULL AND NEW.payment_id IS NOT NULL
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER refunded_inserted AFTER INSERT ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id ELSE r.service_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, NEW.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'))) k
  WHERE r.payment_id = NEW.payment_id AND r.tenant = NEW.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER refunded_updated AFTER UPDATE ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id ELSE r.service_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, NEW.refunded_micros - OLD.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'))) k
  WHERE r.payment_id = NEW.payment_id AND r.tenant = NEW.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

CREATE TRIGGER refunded_deleted AFTER DELETE ON refunded_payments BEGIN
  INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
  SELECT r.tenant, r.settled_at / 86400000000, k.kind, CASE k.kind WHEN '' THEN '' WHEN 'agent_id' THEN r.agent_id WHEN 'campaign_id' THEN r.campaign_id ELSE r.service_id END,
    CASE k.kind WHEN 'service_id' THEN r.provider ELSE '' END, 0, 0, -OLD.refunded_micros
  FROM runs r, (SELECT column1 AS kind FROM (VALUES (''), ('agent_id'), ('campaign_id'), ('service_id'))) k
  WHERE r.payment_id = OLD.payment_id AND r.tenant = OLD.tenant AND (k.kind <> 'campaign_id' OR r.campaign_id IS NOT NULL)
  ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
    payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros;
END;

INSERT INTO runs_days
SELECT tenant, settled_at / 86400000000, '', '', '', count(*), sum(amount_micros), sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = runs.tenant AND p.payment_id = runs.payment_id), 0)) FROM runs WHERE payment_id IS NOT NULL GROUP BY 1, 2
UNION ALL SELECT tenant, settled_at / 86400000000, 'agent_id', agent_id, '', count(*), sum(amount_micros), sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = runs.tenant AND p.payment_id = runs.payment_id), 0)) FROM runs WHERE payment_id IS NOT NULL GROUP BY 1, 2, 4
UNION ALL SELECT tenant, settled_at / 86400000000, 'campaign_id', campaign_id, '', count(*), sum(amount_micros), sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = runs.tenant AND p.payment_id = runs.payment_id), 0)) FROM runs WHERE payment_id IS NOT NULL AND campaign_id IS NOT NULL GROUP BY 1, 2, 4
UNION ALL SELECT tenant, settled_at / 86400000000, 'service_id', service_id, provider, count(*), sum(amount_micros), sum(coalesce((SELECT p.refunded_micros FROM refunded_payments p WHERE p.tenant = runs.tenant AND p.payment_id = runs.payment_id), 0)) FROM runs WHERE payment_id IS NOT NULL GROUP BY 1, 2, 4, 5;

-- The views. They hold no personal text, no key and no token; amounts are cents, times are text by RFC 3339.

CREATE VIEW agent_sessions AS
SELECT s.session_id AS id, s.tenant, s.agent_id, s.user_id, s.scopes AS scopes, s.budget_limit_micros / 10000.0 AS budget_limit_cents,
  coalesce((
    WITH RECURSIVE below (session_id) AS (
      SELECT s.session_id UNION ALL SELECT c.session_id FROM below b JOIN sessions c ON c.tenant = s.tenant AND c.parent_session_id = b.session_id)
    SELECT sum(r.amount_micros - coalesce(p.refunded_micros, 0)) FROM below b JOIN runs r ON r.tenant = s.tenant AND r.session_id = b.session_id
    LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) / 10000.0 AS budget_spent_cents,
  s.closed_at IS NULL AND s.expires_at > (julianday('now') - 2440587.5) * 86400000000 AS active, strftime('%Y-%m-%dT%H:%M:%S', s.created_at / 1000000, 'unixepoch') || printf('.%06dZ', s.created_at % 1000000) AS created_at, strftime('%Y-%m-%dT%H:%M:%S', s.expires_at / 1000000, 'unixepoch') || printf('.%06dZ', s.expires_at % 1000000) AS expires_at,
  CASE WHEN s.closed_at < s.expires_at THEN strftime('%Y-%m-%dT%H:%M:%S', s.closed_at / 1000000, 'unixepoch') || printf('.%06dZ', s.closed_at % 1000000) END AS revoked_at, s.parent_session_id, s.depth
FROM sessions s;

CREATE VIEW agent_audit_logs AS
SELECT a.audit_id AS id, a.tenant, a.session_id AS agent_session_id, a.agent_id, a.user_id, a.operation, a.endpoint, a.request_summary, a.response_status,
  CASE WHEN a.endpoint LIKE '% /admin/%' THEN 'human' ELSE 'agent' END AS execution_mode, strftime('%Y-%m-%dT%H:%M:%S', a.created_at / 1000000, 'unixepoch') || printf('.%06dZ', a.created_at % 1000000) AS created_at
FROM audit a
UNION ALL
SELECT r.run_id, r.tenant, r.session_id, r.agent_id, r.user_id, r.operation, r.endpoint, r.request_summary, r.response_status, 'agent', strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000)
FROM runs r;

-- The table behind the view of this name.
ALTER TABLE consents RENAME TO user_consents;

CREATE VIEW task_completions AS
SELECT c.completion_id AS id, c.tenant, c.session_id AS agent_session_id, c.agent_id, c.user_id, c.campaign_id, c.execution_mode,
  (SELECT min(g.granted_via) FROM user_consents g WHERE g.tenant = c.tenant AND g.user_id = c.user_id AND g.campaign_id = c.campaign_id) AS granted_via,
  c.consents AS consents, c.consent_valid AS consent_valid, strftime('%Y-%m-%dT%H:%M:%S', c.completed_at / 1000000, 'unixepoch') || printf('.%06dZ', c.completed_at % 1000000) AS completed_at
FROM completions c;

CREATE VIEW payments AS
SELECT r.payment_id AS id, r.tenant, r.run_id, r.session_id AS agent_session_id, r.agent_id, r.user_id, r.service_id, r.campaign_id, r.provider, r.payer, r.payer_id, r.source, r.status,
  r.amount_micros / 10000.0 AS amount_cents, r.fee_micros / 10000.0 AS fee_cents, coalesce(p.refunded_micros, 0) / 10000.0 AS refunded_cents, 'agent' AS execution_mode, a.decided_by AS approved_by,
  r.tx_hash, strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000) AS created_at, strftime('%Y-%m-%dT%H:%M:%S', r.settled_at / 1000000, 'unixepoch') || printf('.%06dZ', r.settled_at % 1000000) AS settled_at
FROM runs r
LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id
LEFT JOIN approvals a ON a.tenant = r.tenant AND a.run_id = r.run_id AND a.state = 'approved'
WHERE r.payment_id IS NOT NULL;

CREATE VIEW consents AS
SELECT g.consent_id AS id, g.tenant, g.user_id, (SELECT s.agent_id FROM sessions s WHERE s.tenant = g.tenant AND s.session_id = g.session_id) AS agent_id,
  g.session_id AS agent_session_id, g.campaign_id, g.type AS consent_type, g.granted_via, g.withdrawn_at IS NULL AS active, strftime('%Y-%m-%dT%H:%M:%S', g.granted_at / 1000000, 'unixepoch') || printf('.%06dZ', g.granted_at % 1000000) AS created_at,
  strftime('%Y-%m-%dT%H:%M:%S', g.withdrawn_at / 1000000, 'unixepoch') || printf('.%06dZ', g.withdrawn_at % 1000000) AS revoked_at
FROM user_consents g;
