-- Whether the journals of all other nodes that are there are in the ledger up to a fence.
-- KEYS: 1 organization, 2 nodes. ARGV: 1 epoch, 2 node, 3 fence, 4 how long a node may be silent.
local waiting, nodes = 0, redis.call('HGETALL', KEYS[2])
for i = 2, #nodes, 2 do
  local seen, mark = string.match(nodes[i], '^(%d+)|(%d+)|')
  local is_live = now - tonumber(seen) <= tonumber(ARGV[4])
  if nodes[i - 1] ~= ARGV[2] and is_live and tonumber(mark) < tonumber(ARGV[3]) then waiting = waiting + 1 end
end
return {'OK', text(waiting)}
