-- A node has nothing under way, and nothing that is not in the ledger.
-- KEYS: 1 organization, 2 nodes. ARGV: 1 epoch, 2 node.
redis.call('HDEL', KEYS[2], ARGV[2])
return {'OK'}
