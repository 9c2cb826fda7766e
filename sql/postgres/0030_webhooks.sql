-- Addresses that are told what happens; and the last deliveries to each, newest first, of one endpoint, and those of one event.
CREATE TABLE webhooks (
  tenant text COLLATE "C" NOT NULL, webhook_id text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL, description text COLLATE "C", types text COLLATE "C", active bigint NOT NULL, delivers bigint NOT NULL, deleted bigint NOT NULL, disabled_at bigint, disabled_reason text COLLATE "C", updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, webhook_id)) WITH (fillfactor = 80);
CREATE TABLE webhook_deliveries (
  tenant text COLLATE "C" NOT NULL, place text COLLATE "C" NOT NULL,
  webhook_id text COLLATE "C" NOT NULL, event_id text COLLATE "C" NOT NULL, type text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL, event_stream text COLLATE "C" NOT NULL, event_seq bigint NOT NULL, event_index bigint NOT NULL, happened_at bigint NOT NULL, sent_at bigint NOT NULL,
  attempt bigint NOT NULL, status bigint, took_ms bigint NOT NULL, error text COLLATE "C", state text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, place)) WITH (fillfactor = 80);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (tenant, webhook_id, sent_at, place);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (tenant, event_id, sent_at, place);
