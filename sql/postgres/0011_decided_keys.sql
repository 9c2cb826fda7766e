-- Whoever decides a command that was opened under a client key knows the command's id, and moves the key to its row.
CREATE INDEX client_keys_by_command ON client_keys (command_id);
ALTER TABLE client_keys SET (fillfactor = 80);

-- One search of the index for each, whatever the planner believes of the table. A procedure, for it has no result among those of a batch.
CREATE PROCEDURE journal_decides(commands uuid[], streams text[], seqs bigint[])
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  UPDATE client_keys c SET seq = d.seq
  FROM unnest(commands, streams, seqs) AS d (command_id, stream, seq)
  WHERE c.command_id = d.command_id AND c.stream = d.stream;
END $$;
