-- Membership: which silos of a cluster are alive, kept by Microsoft.Orleans.Clustering.AdoNet. Every change of a row moves the
-- cluster's version on, in one statement, and only from the version that the silo had read: of two that change the table at once one
-- gets false (no rows counted) and reads again. Heartbeats alone leave the version as it is.
-- A deployment id is what Orleans calls a cluster id elsewhere.

CREATE TABLE orleansmembershipversiontable (
  deploymentid text        PRIMARY KEY,
  version      integer     NOT NULL DEFAULT 0,
  changed_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orleansmembershiptable (
  deploymentid text        NOT NULL REFERENCES orleansmembershipversiontable (deploymentid),
  address      text        NOT NULL,
  port         integer     NOT NULL,
  generation   integer     NOT NULL, -- of the process: a silo that starts again at its address is another member
  siloname     text        NOT NULL,
  hostname     text        NOT NULL,
  status       integer     NOT NULL, -- 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead
  proxyport    integer     NOT NULL, -- the gateway's; 0 = takes no clients
  suspecttimes text,
  starttime    timestamptz NOT NULL,
  iamalivetime timestamptz NOT NULL,
  PRIMARY KEY (deploymentid, address, port, generation)
);

-- Rewritten every few seconds by each silo, and small: kept from bloating by frequent vacuums rather than by size.
ALTER TABLE orleansmembershiptable SET (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $sql$
WITH added AS (
  INSERT INTO orleansmembershipversiontable (deploymentid) VALUES (@DeploymentId)
  ON CONFLICT (deploymentid) DO NOTHING
  RETURNING 1)
SELECT count(*)::integer FROM added
$sql$),

-- A second row of the same key raises a unique violation, which undoes the version's step too.
('InsertMembershipKey', $sql$
WITH moved AS (
  UPDATE orleansmembershipversiontable SET version = version + 1, changed_at = now()
  WHERE deploymentid = @DeploymentId AND version = @Version
  RETURNING deploymentid),
added AS (
  INSERT INTO orleansmembershiptable (deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
  SELECT deploymentid, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
  FROM moved
  RETURNING 1)
SELECT count(*)::integer FROM added
$sql$),

('UpdateMembershipKey', $sql$
WITH moved AS (
  UPDATE orleansmembershipversiontable SET version = version + 1, changed_at = now()
  WHERE deploymentid = @DeploymentId AND version = @Version
    AND EXISTS (SELECT FROM orleansmembershiptable
                WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
  RETURNING deploymentid),
changed AS (
  UPDATE orleansmembershiptable AS m
  SET status = @Status, suspecttimes = @SuspectTimes, iamalivetime = @IAmAliveTime
  FROM moved
  WHERE m.deploymentid = moved.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
  RETURNING 1)
SELECT count(*)::integer FROM changed
$sql$),

('UpdateIAmAlivetimeKey', $sql$
UPDATE orleansmembershiptable SET iamalivetime = @IAmAliveTime
WHERE deploymentid = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$sql$),

-- Both readings give the version even when there is no member: a row whose start time is null is none.
('MembershipReadRowKey', $sql$
SELECT m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version
FROM orleansmembershipversiontable AS v
LEFT JOIN orleansmembershiptable AS m
  ON m.deploymentid = v.deploymentid AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.deploymentid = @DeploymentId
$sql$),

('MembershipReadAllKey', $sql$
SELECT m.address, m.port, m.generation, m.siloname, m.hostname, m.status, m.proxyport, m.suspecttimes, m.starttime, m.iamalivetime, v.version
FROM orleansmembershipversiontable AS v
LEFT JOIN orleansmembershiptable AS m ON m.deploymentid = v.deploymentid
WHERE v.deploymentid = @DeploymentId
$sql$),

-- Where clients connect: active silos that have a gateway.
('GatewaysQueryKey', $sql$
SELECT address, proxyport, generation
FROM orleansmembershiptable
WHERE deploymentid = @DeploymentId AND status = @Status AND proxyport > 0
$sql$),

-- Only members that are out (not active) and have long been silent; an active silo that is silent has to be declared dead first.
('CleanupDefunctSiloEntriesKey', $sql$
DELETE FROM orleansmembershiptable
WHERE deploymentid = @DeploymentId AND iamalivetime < @IAmAliveTime AND status <> 3
$sql$),

('DeleteMembershipTableEntriesKey', $sql$
WITH members AS (DELETE FROM orleansmembershiptable WHERE deploymentid = @DeploymentId RETURNING deploymentid)
DELETE FROM orleansmembershipversiontable WHERE deploymentid = @DeploymentId
$sql$);
