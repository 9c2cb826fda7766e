-- Runs that were refused before they began: by which limit, whose that is, what was asked of it and what it had left. Refusals of before come with a rebuild.
CREATE TABLE refusals (
  tenant text COLLATE "C" NOT NULL, refusal_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C", session_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, operation text COLLATE "C" NOT NULL,
  service_id text COLLATE "C", provider text COLLATE "C", campaign_id text COLLATE "C", code text COLLATE "C" NOT NULL, limit_name text COLLATE "C", node_kind text COLLATE "C",
  node_id text COLLATE "C", asked_micros bigint, free_micros bigint, refused_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, refusal_id)) WITH (fillfactor = 80);
CREATE INDEX refusals_time ON refusals (tenant, refused_at);
CREATE INDEX refusals_session ON refusals (tenant, session_id, refused_at);
CREATE INDEX refusals_user ON refusals (tenant, user_id, refused_at);
CREATE INDEX refusals_agent ON refusals (tenant, agent_id, refused_at);
CREATE INDEX refusals_campaign ON refusals (tenant, campaign_id, refused_at) WHERE campaign_id IS NOT NULL;
CREATE INDEX refusals_service ON refusals (tenant, service_id, refused_at);
CREATE INDEX refusals_code ON refusals (tenant, code, refused_at);
