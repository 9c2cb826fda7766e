-- Query tables: projections of the journal, rebuilt by `./run rebuild`. Each row carries the stream and the row number it
-- follows from, and is replaced only by a higher one. Times are µs since the Unix epoch, amounts micro-dollars.

CREATE TABLE users (
  tenant TEXT NOT NULL, user_id TEXT NOT NULL,
  has_profile INTEGER NOT NULL, daily_cap_micros INTEGER, monthly_cap_micros INTEGER, erased INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id));

CREATE TABLE sessions (
  tenant TEXT NOT NULL, session_id TEXT NOT NULL,
  user_id TEXT NOT NULL, agent_id TEXT NOT NULL, budget_limit_micros INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, closed_at INTEGER,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, session_id));
CREATE INDEX sessions_created ON sessions (tenant, created_at);

CREATE TABLE completions (
  tenant TEXT NOT NULL, completion_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL, user_id TEXT NOT NULL, session_id TEXT NOT NULL, agent_id TEXT NOT NULL, execution_mode TEXT NOT NULL,
  completed_at INTEGER NOT NULL, consents TEXT NOT NULL, consent_valid INTEGER NOT NULL, output_command TEXT NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, completion_id));
CREATE INDEX completions_campaign ON completions (tenant, campaign_id, completed_at);

CREATE TABLE consents (
  tenant TEXT NOT NULL, consent_id TEXT NOT NULL,
  user_id TEXT NOT NULL, session_id TEXT NOT NULL, campaign_id TEXT NOT NULL, type TEXT NOT NULL, granted_via TEXT NOT NULL,
  granted_at INTEGER NOT NULL, withdrawn_at INTEGER,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, consent_id));
CREATE INDEX consents_user ON consents (tenant, user_id, granted_at);

CREATE TABLE audit (
  tenant TEXT NOT NULL, audit_id TEXT NOT NULL,
  session_id TEXT NOT NULL, operation TEXT NOT NULL, endpoint TEXT NOT NULL, request_summary TEXT NOT NULL, response_status INTEGER NOT NULL, created_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, audit_id));
CREATE INDEX audit_session ON audit (tenant, session_id, created_at);

CREATE TABLE runs (
  tenant TEXT NOT NULL, run_id TEXT NOT NULL,
  session_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL, service_id TEXT NOT NULL, campaign_id TEXT, state TEXT NOT NULL,
  amount_micros INTEGER NOT NULL, payment_id TEXT, payer TEXT, source TEXT, status TEXT, why TEXT, failure_code TEXT,
  requested_at INTEGER NOT NULL, settled_at INTEGER NOT NULL,
  operation TEXT NOT NULL, endpoint TEXT NOT NULL, request_summary TEXT NOT NULL, response_status INTEGER NOT NULL, related_party INTEGER NOT NULL, provider TEXT NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, run_id));
CREATE INDEX runs_session ON runs (tenant, session_id, requested_at);

CREATE TABLE campaigns (
  tenant TEXT NOT NULL, campaign_id TEXT NOT NULL,
  sponsor TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, active INTEGER NOT NULL, closed INTEGER NOT NULL, starts_at INTEGER, ends_at INTEGER,
  definition TEXT NOT NULL, funded_micros INTEGER NOT NULL, held_micros INTEGER NOT NULL, spent_micros INTEGER NOT NULL, remaining_micros INTEGER NOT NULL,
  completions INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, campaign_id));
CREATE INDEX campaigns_updated ON campaigns (tenant, updated_at);

CREATE TABLE services (
  tenant TEXT NOT NULL, service_id TEXT NOT NULL,
  name TEXT NOT NULL, category TEXT NOT NULL, active INTEGER NOT NULL, disabled INTEGER NOT NULL, definition TEXT NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, service_id));
CREATE INDEX services_updated ON services (tenant, updated_at);

CREATE TABLE wallets (
  tenant TEXT NOT NULL, wallet_id TEXT NOT NULL,
  balance_micros INTEGER NOT NULL, credited_micros INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, wallet_id));
