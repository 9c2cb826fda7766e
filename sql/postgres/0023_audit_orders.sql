-- Orders of the audit, newest first: of all, of a user or agent, of an operation or status. On a large database they can be made beforehand, under these names.
CREATE INDEX IF NOT EXISTS audit_time ON audit (tenant, created_at);
CREATE INDEX IF NOT EXISTS audit_user ON audit (tenant, user_id, created_at);
CREATE INDEX IF NOT EXISTS audit_agent ON audit (tenant, agent_id, created_at);
CREATE INDEX IF NOT EXISTS audit_operation ON audit (tenant, operation, created_at);
CREATE INDEX IF NOT EXISTS audit_status ON audit (tenant, response_status, created_at);
