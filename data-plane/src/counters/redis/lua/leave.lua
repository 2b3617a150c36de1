-- Nodes that are gone, and have nothing that is not in the ledger: nobody waits for them any more.
-- KEYS: 1 organization, 2 nodes. ARGV: 1 epoch, then nodes.
redis.call('HDEL', KEYS[2], unpack(ARGV, 2))
return {'OK'}
