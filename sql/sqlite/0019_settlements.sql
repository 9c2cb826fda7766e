-- Payments by x402 whose settlement was begun, and what became of each. Newest first, of all, in one state, of one payer, of one session.
CREATE TABLE settlements (
  tenant TEXT NOT NULL, run_id TEXT NOT NULL,
  hold_id TEXT NOT NULL, session_id TEXT NOT NULL, wallet_id TEXT NOT NULL, amount_micros INTEGER NOT NULL, asset TEXT NOT NULL, nonce TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT, tx_hash TEXT, by_hand INTEGER NOT NULL, begun_at INTEGER NOT NULL, valid_before INTEGER NOT NULL, ended_at INTEGER,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, run_id));
CREATE INDEX settlements_time ON settlements (tenant, begun_at, run_id);
CREATE INDEX settlements_state ON settlements (tenant, state, begun_at, run_id);
CREATE INDEX settlements_wallet ON settlements (tenant, wallet_id, begun_at, run_id);
CREATE INDEX settlements_session ON settlements (tenant, session_id, begun_at, run_id);
