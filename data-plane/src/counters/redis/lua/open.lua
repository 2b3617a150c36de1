-- Begins a counter, unless somebody has: every attempt under way that belongs to it is on it.
-- KEYS: 1 organization, 2 records, 3 counter, 4 nodes.
-- ARGV: 1 epoch, 2 name, 3 scope between newlines, 4 from, 5 to, 6 kept until, 7 since, 8 opening,
--   9 how long a node may be silent, 10 channel, 11 organization.
local from = tonumber(redis.call('HGET', KEYS[1], 'f') or 0)
if now < from then return {'WAIT', text(from - now)} end
local nodes = redis.call('HGETALL', KEYS[4])
for i = 2, #nodes, 2 do
  local seen, epoch = string.match(nodes[i], '^(%d+)|%d+|(.*)$')
  -- It has not said yet what it has under way.
  if now - tonumber(seen) <= tonumber(ARGV[9]) and epoch ~= ARGV[1] then return {'WAIT', '100'} end
end
local key, since = KEYS[3], tonumber(ARGV[7])
local found = counter(key)
if found and tonumber(found[5]) >= since then
  if found[1] == 'S' then return {'READY'} end
  if found[1] == 'O' then
    local opened = redis.call('HMGET', key, 'o', 'w', 'q')
    return {'WAITS', opened[1], opened[3], opened[2]}
  end
end

if not found then
  put(key, 'O', ARGV[7], ARGV[6])
else
  forget(key)
  redis.call('HSET', key, 't', 'O', 'n', text(math.max(since, tonumber(found[5]))))
end
local generation = redis.call('HGET', key, 'g')
local first, last = tonumber(ARGV[4]), tonumber(ARGV[5])
local reserved, orphaned, attempts = 0, 0, {}
local records = redis.call('HGETALL', KEYS[2])
for i = 2, #records, 2 do
  if string.find(records[i], ARGV[3], 1, true) then
    local phase, amount, at, _, head, scopes = parse(records[i])
    if first <= at and at < last and string.find(scopes, ARGV[3], 1, true) then
      if phase == 'A' then reserved = reserved + amount else orphaned = orphaned + amount end
      attempts[#attempts + 1] = records[i - 1]
      redis.call('HSET', KEYS[2], records[i - 1], head .. '\n' .. generation .. ' ' .. ARGV[2] .. scopes)
    end
  end
end
local names = table.concat(attempts, '\n')
local fence = text(redis.call('HINCRBY', KEYS[1], 'q', 1))
redis.call('HSET', key, 'o', ARGV[8], 'w', names, 'q', fence, 'r', text(reserved), 'x', text(orphaned),
  'd', text(now))
redis.call('HSET', KEYS[1], 'o', '1')
if since > tonumber(meta[3] or 0) then redis.call('HSET', KEYS[1], 'b', ARGV[7]) end
redis.call('PUBLISH', ARGV[10], 'fence ' .. ARGV[11])
return {'WAITS', ARGV[8], fence, names}
