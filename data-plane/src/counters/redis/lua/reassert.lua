-- Says an attempt again that may have been lost. Nothing is checked: it goes on already.
-- KEYS: 1 organization, 2 records, 3 expiries, 4 done marker, then a counter for each hold, slots.
-- ARGV: 1 epoch, 2 attempt, 3 amount, 4 time to live, 5 node, 6 as of, 7 scopes, 8 reserved at,
--   9 how many holds, then for each name, limit, version, kept until.
local done = redis.call('GET', KEYS[4])
if done and now < tonumber(done) then return {'DONE'} end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return {'HELD'} end
if tonumber(ARGV[6]) < tonumber(meta[3] or 0) then return {'OUTDATED', meta[3]} end
local holds, amount = tonumber(ARGV[9]), tonumber(ARGV[3])
local head = {'A|' .. ARGV[3] .. '|' .. ARGV[8] .. '|' .. ARGV[5]}
for i = 1, holds do
  local key, of = KEYS[4 + i], 9 + 4 * (i - 1)
  local found = counter(key)
  if found and found[1] == 'S' then
    redis.call('HSET', key, 'r', text(found[9] + amount))
    hear(key, found, ARGV[of + 2], ARGV[of + 3])
    head[#head + 1] = found[4] .. ' ' .. ARGV[of + 1]
  else
    -- While one waits to be seeded nobody can say whether the ledger's sum will have it.
    must_be_opened(key, found, ARGV[of + 4])
  end
end
local expires = text(now + tonumber(ARGV[4]))
for i = 4 + holds + 1, #KEYS do redis.call('ZADD', KEYS[i], expires, ARGV[2]) end
redis.call('HSET', KEYS[2], ARGV[2], table.concat(head, '\n') .. '\n\n' .. ARGV[7])
redis.call('ZADD', KEYS[3], expires, ARGV[2])
return {'OK'}
