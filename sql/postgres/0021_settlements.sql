-- Payments by x402 whose settlement was begun, and what became of each. Newest first, of all, in one state, of one payer, of one session.
CREATE TABLE settlements (
  tenant text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
  hold_id text COLLATE "C" NOT NULL, session_id text COLLATE "C" NOT NULL, wallet_id text COLLATE "C" NOT NULL, amount_micros bigint NOT NULL, asset text COLLATE "C" NOT NULL, nonce text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL, reason text COLLATE "C", tx_hash text COLLATE "C", by_hand bigint NOT NULL, begun_at bigint NOT NULL, valid_before bigint NOT NULL, ended_at bigint,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, run_id)) WITH (fillfactor = 80);
CREATE INDEX settlements_time ON settlements (tenant, begun_at, run_id);
CREATE INDEX settlements_state ON settlements (tenant, state, begun_at, run_id);
CREATE INDEX settlements_wallet ON settlements (tenant, wallet_id, begun_at, run_id);
CREATE INDEX settlements_session ON settlements (tenant, session_id, begun_at, run_id);
