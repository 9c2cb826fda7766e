-- Servers of tools that agents run as services.
CREATE TABLE upstreams (
  tenant text COLLATE "C" NOT NULL, upstream_id text COLLATE "C" NOT NULL,
  follows bigint NOT NULL, deleted bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, upstream_id)) WITH (fillfactor = 80);
