-- What each conversation counted on each UTC day: messages, those that were delivered, and those that became dead letters. A conversation writes its row once, when the day is over.
CREATE TABLE conversation_days (
  tenant TEXT NOT NULL, day INTEGER NOT NULL, conversation_id TEXT NOT NULL,
  messages INTEGER NOT NULL, delivered INTEGER NOT NULL, dead INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, day, conversation_id));
CREATE INDEX conversation_days_counts ON conversation_days (tenant, day, messages, delivered, dead);
