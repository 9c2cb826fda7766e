-- State of ordinary grains, kept whole by Microsoft.Orleans.Persistence.AdoNet. Entities do not use it: their store is the journal.
-- A grain is found by two hashes and told apart by its type and key; keys that are numbers or UUIDs stand in two longs, all others (and
-- their extensions) in the string. The version is Orleans' ETag: a write that comes with another version changes nothing and gets its own
-- version back, which the provider takes for InconsistentStateException.

CREATE TABLE orleansstorage (
  grainidhash            integer     NOT NULL,
  graintypehash          integer     NOT NULL,
  grainidn0              bigint      NOT NULL,
  grainidn1              bigint      NOT NULL,
  graintypestring        text        NOT NULL,
  grainidextensionstring text,
  serviceid              text        NOT NULL,
  payloadbinary          bytea,      -- null: cleared
  version                integer     NOT NULL,
  modified_at            timestamptz NOT NULL DEFAULT now(),
  -- Two activations that both found nothing cannot both write first.
  UNIQUE NULLS NOT DISTINCT (grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, grainidextensionstring, serviceid)
);

INSERT INTO orleansquery (querykey, querytext) VALUES
('WriteToStorageKey', $sql$
WITH changed AS (
  UPDATE orleansstorage SET payloadbinary = @PayloadBinary, version = version + 1, modified_at = now()
  WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
    AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
    AND serviceid = @ServiceId AND version = @GrainStateVersion
  RETURNING version),
added AS (
  INSERT INTO orleansstorage (grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, grainidextensionstring, serviceid, payloadbinary, version)
  SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString, @GrainIdExtensionString, @ServiceId, @PayloadBinary, 1
  WHERE @GrainStateVersion IS NULL
  ON CONFLICT DO NOTHING
  RETURNING version)
SELECT coalesce((SELECT version FROM changed), (SELECT version FROM added), @GrainStateVersion) AS newgrainstateversion
$sql$),

('ReadFromStorageKey', $sql$
SELECT payloadbinary, version
FROM orleansstorage
WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
  AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString AND serviceid = @ServiceId
$sql$),

-- Keeps the row, and with it the version, so that a stale activation still cannot write.
('ClearStorageKey', $sql$
UPDATE orleansstorage SET payloadbinary = NULL, version = version + 1, modified_at = now()
WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
  AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
  AND serviceid = @ServiceId AND version = @GrainStateVersion
RETURNING version AS newgrainstateversion
$sql$),

-- The version that a clearing would have left tells the provider that the row was there.
('DeleteStorageKey', $sql$
DELETE FROM orleansstorage
WHERE grainidhash = @GrainIdHash AND graintypehash = @GrainTypeHash AND grainidn0 = @GrainIdN0 AND grainidn1 = @GrainIdN1
  AND graintypestring = @GrainTypeString AND grainidextensionstring IS NOT DISTINCT FROM @GrainIdExtensionString
  AND serviceid = @ServiceId AND version = @GrainStateVersion
RETURNING version + 1 AS newgrainstateversion
$sql$);
