-- The clocks of tenants for tests that were ever changed: whose alarms are due before the world's time.
CREATE TABLE test_clocks (
  tenant text COLLATE "C" NOT NULL,
  generation bigint NOT NULL, offset_micros bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant)) WITH (fillfactor = 80);
