-- Drops what is known of a node's attempts, before it says them again: an older memory may have some
-- that have been settled since, and not have others. Counters that were opened meanwhile are unknown.
-- KEYS: 1 organization, 2 records, 3 expiries. ARGV: 1 epoch, 2 node, 3 new age.
local records = redis.call('HGETALL', KEYS[2])
local found = false
for i = 2, #records, 2 do
  local _, _, _, node = parse(records[i])
  if node == ARGV[2] then
    found = true
    redis.call('HDEL', KEYS[2], records[i - 1])
    redis.call('ZREM', KEYS[3], records[i - 1])
  end
end
if found or redis.call('HEXISTS', KEYS[1], 'o') == 1 then
  redis.call('HSET', KEYS[1], 'a', ARGV[3])
  redis.call('HDEL', KEYS[1], 'o')
end
return {'OK'}
