-- What calls of models were counted and cost, one row a call that was asked for and ended. Amounts are micro-dollars, the rest tokens; usage is null where the provider did not say.
CREATE TABLE model_calls (
  tenant text COLLATE "C" NOT NULL, run_id text COLLATE "C" NOT NULL,
  session_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, service_id text COLLATE "C" NOT NULL, prices bigint NOT NULL,
  route text COLLATE "C", tier text COLLATE "C", failure_code text COLLATE "C",
  held_micros bigint NOT NULL, cost_micros bigint NOT NULL, over_micros bigint NOT NULL, is_estimate bigint NOT NULL,
  input bigint, cache_read bigint, cache_write bigint, cache_write_long bigint, input_audio bigint, output bigint, reasoning bigint, output_audio bigint,
  first_ms bigint, took_ms bigint, ended_at bigint NOT NULL, cached_from text COLLATE "C",
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, run_id));
CREATE INDEX model_calls_time ON model_calls (tenant, ended_at);
CREATE INDEX model_calls_session ON model_calls (tenant, session_id, ended_at);
