-- An import whose file was uploaded: it waits in a queue (state `queued`), and ends with the server that has its file.
ALTER TABLE imports ADD COLUMN is_upload INTEGER NOT NULL DEFAULT 0;
