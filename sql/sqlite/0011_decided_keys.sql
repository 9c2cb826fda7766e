-- Whoever decides a command that was opened under a client key knows the command's id, and moves the key to its row.
CREATE INDEX client_keys_by_command ON client_keys (command_id);
