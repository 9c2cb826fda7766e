-- Query tables: projections of the journal, rebuilt by `./run rebuild`. Each row carries the stream and the row number it
-- follows from, and is replaced only by a higher one. Times are µs since the Unix epoch, amounts micro-dollars.

CREATE TABLE users (
  tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL,
  has_profile bigint NOT NULL, daily_cap_micros bigint, monthly_cap_micros bigint, erased bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, user_id));

CREATE TABLE sessions (
  tenant text COLLATE "C" NOT NULL, session_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, budget_limit_micros bigint NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL, closed_at bigint,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, session_id));
CREATE INDEX sessions_created ON sessions (tenant, created_at);

CREATE TABLE completions (
  tenant text COLLATE "C" NOT NULL, completion_id text COLLATE "C" NOT NULL,
  campaign_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, session_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, execution_mode text COLLATE "C" NOT NULL,
  completed_at bigint NOT NULL, consents text COLLATE "C" NOT NULL, consent_valid bigint NOT NULL, output_command text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, completion_id));
CREATE INDEX completions_campaign ON completions (tenant, campaign_id, completed_at);

CREATE TABLE consents (
  tenant text COLLATE "C" NOT NULL, consent_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL, session_id text COLLATE "C" NOT NULL, campaign_id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, granted_via text COLLATE "C" NOT NULL,
  granted_at bigint NOT NULL, withdrawn_at bigint,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, consent_id));
CREATE INDEX consents_user ON consents (tenant, user_id, granted_at);

CREATE TABLE audit (
  tenant text COLLATE "C" NOT NULL, audit_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL, operation text COLLATE "C" NOT NULL, endpoint text COLLATE "C" NOT NULL, request_summary text COLLATE "C" NOT NULL, response_status bigint NOT NULL, created_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, audit_id));
CREATE INDEX audit_session ON audit (tenant, session_id, created_at);

CREATE TABLE runs (
  tenant text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, service_id text COLLATE "C" NOT NULL, campaign_id text COLLATE "C", state text COLLATE "C" NOT NULL,
  amount_micros bigint NOT NULL, payment_id text COLLATE "C", payer text COLLATE "C", source text COLLATE "C", status text COLLATE "C", why text COLLATE "C", failure_code text COLLATE "C",
  requested_at bigint NOT NULL, settled_at bigint NOT NULL,
  operation text COLLATE "C" NOT NULL, endpoint text COLLATE "C" NOT NULL, request_summary text COLLATE "C" NOT NULL, response_status bigint NOT NULL, related_party bigint NOT NULL, provider text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, run_id));
CREATE INDEX runs_session ON runs (tenant, session_id, requested_at);

CREATE TABLE campaigns (
  tenant text COLLATE "C" NOT NULL, campaign_id text COLLATE "C" NOT NULL,
  sponsor text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, active bigint NOT NULL, closed bigint NOT NULL, starts_at bigint, ends_at bigint,
  definition text COLLATE "C" NOT NULL, funded_micros bigint NOT NULL, held_micros bigint NOT NULL, spent_micros bigint NOT NULL, remaining_micros bigint NOT NULL,
  completions bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, campaign_id));
CREATE INDEX campaigns_updated ON campaigns (tenant, updated_at);

CREATE TABLE services (
  tenant text COLLATE "C" NOT NULL, service_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL, category text COLLATE "C" NOT NULL, active bigint NOT NULL, disabled bigint NOT NULL, definition text COLLATE "C" NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, service_id));
CREATE INDEX services_updated ON services (tenant, updated_at);

CREATE TABLE wallets (
  tenant text COLLATE "C" NOT NULL, wallet_id text COLLATE "C" NOT NULL,
  balance_micros bigint NOT NULL, credited_micros bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, wallet_id));
