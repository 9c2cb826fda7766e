-- A process that starts reads the catalogue of all tenants, batch by batch, in the order in which it changed. One tenant's changes go by the index that begins with it.
CREATE INDEX campaigns_order ON campaigns (updated_at, campaign_id, tenant);
CREATE INDEX services_order ON services (updated_at, service_id, tenant);
