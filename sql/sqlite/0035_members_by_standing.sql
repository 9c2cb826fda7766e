-- What an agent takes part in is looked up apart from where it is invited and what it left: however many invite it.
CREATE INDEX conversation_members_standing ON conversation_members (tenant, agent_id, standing, updated_at, conversation_id);
