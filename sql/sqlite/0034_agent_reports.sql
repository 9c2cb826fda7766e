-- What agents report to operators.
CREATE TABLE agent_reports (
  tenant TEXT NOT NULL, report_id TEXT NOT NULL,
  reported_by TEXT NOT NULL, agent_id TEXT NOT NULL, reason TEXT NOT NULL, conversation_id TEXT, number INTEGER, outcome TEXT NOT NULL, created_at INTEGER NOT NULL, resolved_at INTEGER,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, report_id));
CREATE INDEX agent_reports_newest ON agent_reports (tenant, created_at, report_id);
CREATE INDEX agent_reports_outcome ON agent_reports (tenant, outcome, created_at, report_id);
