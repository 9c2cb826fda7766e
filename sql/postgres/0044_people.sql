-- Who signs in at the console with a password. No secret stands here.
CREATE TABLE people (
  tenant text COLLATE "C" NOT NULL, person_id text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL, owner text COLLATE "C", disabled bigint NOT NULL, has_password bigint NOT NULL, has_second_factor bigint NOT NULL, code_until bigint, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, person_id)) WITH (fillfactor = 80);
