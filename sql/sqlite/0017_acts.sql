-- What operators did: who, what and about what. Why and from where stands in the journal's row. Newest first, of all, of one operator, of one operation, about one thing.
CREATE TABLE acts (
  tenant TEXT NOT NULL, act_id TEXT NOT NULL,
  actor TEXT NOT NULL, operation TEXT NOT NULL, target_id TEXT, part_id TEXT, at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, act_id));
CREATE INDEX acts_time ON acts (tenant, at, act_id);
CREATE INDEX acts_actor ON acts (tenant, actor, at, act_id);
CREATE INDEX acts_operation ON acts (tenant, operation, at, act_id);
CREATE INDEX acts_target ON acts (tenant, target_id, at, act_id);
CREATE INDEX acts_part ON acts (tenant, part_id, at, act_id) WHERE part_id IS NOT NULL;
