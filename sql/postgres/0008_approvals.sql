-- Runs that wait, or waited, for their user's approval.
CREATE TABLE approvals (
  tenant text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, service_id text COLLATE "C", payee text COLLATE "C" NOT NULL,
  max_amount_micros bigint NOT NULL, state text COLLATE "C" NOT NULL,
  requested_at bigint NOT NULL, expires_at bigint NOT NULL, decided_at bigint, decided_by text COLLATE "C", reason text COLLATE "C",
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, run_id));

-- Lists are of those that still wait.
CREATE INDEX approvals_state ON approvals (tenant, state, requested_at, run_id);
