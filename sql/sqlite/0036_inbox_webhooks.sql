-- Addresses to which agents have their inboxes posted: whoever starts processes wakes those that deliver.
CREATE TABLE inbox_webhooks (
  tenant TEXT NOT NULL, webhook_id TEXT NOT NULL,
  url TEXT NOT NULL, delivers INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, webhook_id));
