-- Runs that wait, or waited, for their user's approval.
CREATE TABLE approvals (
  tenant TEXT NOT NULL, run_id TEXT NOT NULL,
  session_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL, service_id TEXT, payee TEXT NOT NULL, max_amount_micros INTEGER NOT NULL, state TEXT NOT NULL,
  requested_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, decided_at INTEGER, decided_by TEXT, reason TEXT,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, run_id));

-- Lists are of those that still wait.
CREATE INDEX approvals_state ON approvals (tenant, state, requested_at, run_id);
