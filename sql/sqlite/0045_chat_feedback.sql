-- Turns of chats that people have said something of. What they said stands in the journal alone.
CREATE TABLE chat_feedback (
  tenant TEXT NOT NULL, user_id TEXT NOT NULL, feedback_id TEXT NOT NULL,
  agent_id TEXT NOT NULL, chat_id TEXT NOT NULL, turn INTEGER NOT NULL, thumb TEXT NOT NULL, rated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, feedback_id));
CREATE INDEX chat_feedback_newest ON chat_feedback (tenant, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_user ON chat_feedback (tenant, user_id, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_agent ON chat_feedback (tenant, agent_id, rated_at, feedback_id);
CREATE INDEX chat_feedback_of_thumb ON chat_feedback (tenant, thumb, rated_at, feedback_id);
