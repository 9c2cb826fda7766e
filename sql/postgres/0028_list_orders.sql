-- Tasks that were done, of an agent and of a session; runs that were approved or not, of a user, an agent, a service and a session: newest first.
CREATE INDEX completions_agent ON completions (tenant, agent_id, completed_at);
CREATE INDEX completions_session ON completions (tenant, session_id, completed_at);
CREATE INDEX approvals_user ON approvals (tenant, user_id, requested_at);
CREATE INDEX approvals_agent ON approvals (tenant, agent_id, requested_at);
CREATE INDEX approvals_service ON approvals (tenant, service_id, requested_at) WHERE service_id IS NOT NULL;
CREATE INDEX approvals_session ON approvals (tenant, session_id, requested_at);
