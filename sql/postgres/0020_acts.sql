-- What operators did: who, what and about what. Why and from where stands in the journal's row. Newest first, of all, of one operator, of one operation, about one thing.
CREATE TABLE acts (
  tenant text COLLATE "C" NOT NULL, act_id text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL, operation text COLLATE "C" NOT NULL, target_id text COLLATE "C", part_id text COLLATE "C", at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, act_id));
CREATE INDEX acts_time ON acts (tenant, at, act_id);
CREATE INDEX acts_actor ON acts (tenant, actor, at, act_id);
CREATE INDEX acts_operation ON acts (tenant, operation, at, act_id);
CREATE INDEX acts_target ON acts (tenant, target_id, at, act_id);
CREATE INDEX acts_part ON acts (tenant, part_id, at, act_id) WHERE part_id IS NOT NULL;
