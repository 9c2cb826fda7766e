-- An agent that an operator has stopped, under which revision of its standing; a user who is paused. Live sessions are looked for by their agent.
ALTER TABLE agents ADD COLUMN stopped bigint NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN standing_revision bigint NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN paused bigint NOT NULL DEFAULT 0;
CREATE INDEX sessions_agent ON sessions (tenant, agent_id, session_id) WHERE closed_at IS NULL;
