-- A node says that it is there, whether it has said all that it has under way, and up to which fence
-- its journal is in the ledger.
-- KEYS: 1 organization, 2 nodes.
-- ARGV: 1 epoch, 2 node, 3 whether it has said all, 4 fence, 5 how long a node may be silent.
local silent_ms, before = tonumber(ARGV[5]), redis.call('HGET', KEYS[2], ARGV[2])
local late = before and now - tonumber(string.match(before, '^(%d+)')) > silent_ms
redis.call('HSET', KEYS[2], ARGV[2], text(now) .. '|' .. ARGV[4] .. '|' .. (ARGV[3] == '1' and ARGV[1] or ''))
local live, nodes = 0, redis.call('HGETALL', KEYS[2])
for i = 2, #nodes, 2 do
  local silence = now - tonumber(string.match(nodes[i], '^(%d+)'))
  if silence <= silent_ms then live = live + 1 end
  if silence > 3600000 then redis.call('HDEL', KEYS[2], nodes[i - 1]) end
end
return {'OK', text(now), late and '1' or '0', redis.call('HGET', KEYS[1], 'q') or '0', text(live)}
