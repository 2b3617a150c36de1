-- What was answered last, whenever it came in: the console's live lists follow it.
CREATE INDEX requests_by_end ON requests ((at_ms + duration_ms));
