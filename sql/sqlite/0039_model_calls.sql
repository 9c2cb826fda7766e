-- What calls of models were counted and cost, one row a call that was asked for and ended. Amounts are micro-dollars, the rest tokens; usage is null where the provider did not say.
CREATE TABLE model_calls (
  tenant TEXT NOT NULL, run_id TEXT NOT NULL,
  session_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL, service_id TEXT NOT NULL, prices INTEGER NOT NULL, route TEXT, tier TEXT, failure_code TEXT,
  held_micros INTEGER NOT NULL, cost_micros INTEGER NOT NULL, over_micros INTEGER NOT NULL, is_estimate INTEGER NOT NULL,
  input INTEGER, cache_read INTEGER, cache_write INTEGER, cache_write_long INTEGER, input_audio INTEGER, output INTEGER, reasoning INTEGER, output_audio INTEGER,
  first_ms INTEGER, took_ms INTEGER, ended_at INTEGER NOT NULL, cached_from TEXT,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, run_id));
CREATE INDEX model_calls_time ON model_calls (tenant, ended_at);
CREATE INDEX model_calls_session ON model_calls (tenant, session_id, ended_at);
