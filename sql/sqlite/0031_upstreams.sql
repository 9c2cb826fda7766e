-- Servers of tools that agents run as services.
CREATE TABLE upstreams (
  tenant TEXT NOT NULL, upstream_id TEXT NOT NULL,
  follows INTEGER NOT NULL, deleted INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, upstream_id));
