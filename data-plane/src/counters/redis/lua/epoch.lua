-- Begins an epoch, unless this memory has one: nothing that an older memory counted is trusted.
-- KEYS: 1 organization. ARGV: 1 server's identity, 2 new epoch, which begins with it, 3 new age,
--   4 from when counters may be opened.
local known = redis.call('HGET', KEYS[1], 'e')
if known and string.sub(known, 1, #ARGV[1] + 1) == ARGV[1] .. '/' then return {'OK', known} end
redis.call('HSET', KEYS[1], 'e', ARGV[2], 'a', ARGV[3], 'f', ARGV[4])
redis.call('HDEL', KEYS[1], 'o')
return {'OK', ARGV[2]}
