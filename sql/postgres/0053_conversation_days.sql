-- What each conversation counted on each UTC day: messages, those that were delivered, and those that became dead letters. A conversation writes its row once, when the day is over.
CREATE TABLE conversation_days (
  tenant text COLLATE "C" NOT NULL, day bigint NOT NULL, conversation_id text COLLATE "C" NOT NULL,
  messages bigint NOT NULL, delivered bigint NOT NULL, dead bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, day, conversation_id)) WITH (fillfactor = 80);
CREATE INDEX conversation_days_counts ON conversation_days (tenant, day) INCLUDE (messages, delivered, dead);
