-- Turns of chats that people have said something of. What they said stands in the journal alone.
CREATE TABLE chat_feedback (
  tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, feedback_id text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL, chat_id text COLLATE "C" NOT NULL, turn bigint NOT NULL, thumb text COLLATE "C" NOT NULL, rated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, user_id, feedback_id)) WITH (fillfactor = 80);
CREATE INDEX chat_feedback_newest ON chat_feedback (tenant, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_user ON chat_feedback (tenant, user_id, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_agent ON chat_feedback (tenant, agent_id, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_thumb ON chat_feedback (tenant, thumb, rated_at, feedback_id);
