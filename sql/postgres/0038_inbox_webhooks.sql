-- Addresses to which agents have their inboxes posted: whoever starts processes wakes those that deliver.
CREATE TABLE inbox_webhooks (
  tenant text COLLATE "C" NOT NULL, webhook_id text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL, delivers bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, webhook_id)) WITH (fillfactor = 80);
