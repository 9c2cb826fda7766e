-- Who signs in at the console with a password. No secret stands here.
CREATE TABLE people (
  tenant TEXT NOT NULL, person_id TEXT NOT NULL,
  role TEXT NOT NULL, owner TEXT, disabled INTEGER NOT NULL, has_password INTEGER NOT NULL, has_second_factor INTEGER NOT NULL, code_until INTEGER, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, person_id));
