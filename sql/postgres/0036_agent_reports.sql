-- What agents report to operators.
CREATE TABLE agent_reports (
  tenant text COLLATE "C" NOT NULL, report_id text COLLATE "C" NOT NULL,
  reported_by text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, reason text COLLATE "C" NOT NULL, conversation_id text COLLATE "C", number bigint, outcome text COLLATE "C" NOT NULL, created_at bigint NOT NULL, resolved_at bigint,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, report_id)) WITH (fillfactor = 80);
CREATE INDEX agent_reports_newest ON agent_reports (tenant, created_at, report_id);
CREATE INDEX agent_reports_outcome ON agent_reports (tenant, outcome, created_at, report_id);
