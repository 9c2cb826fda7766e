-- Addresses that are told what happens; and the last deliveries to each, newest first, of one endpoint, and those of one event.
CREATE TABLE webhooks (
  tenant TEXT NOT NULL, webhook_id TEXT NOT NULL,
  url TEXT NOT NULL, description TEXT, types TEXT, active INTEGER NOT NULL, delivers INTEGER NOT NULL, deleted INTEGER NOT NULL, disabled_at INTEGER, disabled_reason TEXT, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, webhook_id));
CREATE TABLE webhook_deliveries (
  tenant TEXT NOT NULL, place TEXT NOT NULL,
  webhook_id TEXT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, event_stream TEXT NOT NULL, event_seq INTEGER NOT NULL, event_index INTEGER NOT NULL, happened_at INTEGER NOT NULL, sent_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL, status INTEGER, took_ms INTEGER NOT NULL, error TEXT, state TEXT NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, place));
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (tenant, webhook_id, sent_at, place);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (tenant, event_id, sent_at, place);
