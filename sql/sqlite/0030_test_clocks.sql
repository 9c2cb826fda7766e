-- The clocks of tenants for tests that were ever changed: whose alarms are due before the world's time.
CREATE TABLE test_clocks (
  tenant TEXT NOT NULL,
  generation INTEGER NOT NULL, offset_micros INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant));
