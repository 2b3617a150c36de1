-- Puts an attempt's charge in the place of its hold, once, and gives back what its request took.
-- KEYS: 1 organization, 2 records, 3 expiries, 4 done marker, then counters, buckets, slots.
-- ARGV: 1 epoch, 2 attempt, 3 charge, 4 prefix of counters' keys, 5 how long it is remembered,
--   6 member of the slots, 7 to 9 how many counters (and which of them, the first, were named),
--   buckets; then for each bucket units, capacity, tick_ms, ticks.
local done = redis.call('GET', KEYS[4])
if done and now < tonumber(done) then return {'DONE'} end
local counters, named, buckets = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local record = redis.call('HGET', KEYS[2], ARGV[2])
local keys, phase, amount, _ = {}, nil, 0, nil
if record then
  local declared, missing, head = {}, nil, nil
  for i = 1, counters do declared[KEYS[4 + i]] = true end
  phase, amount, _, _, head = parse(record)
  keys, missing = on(head, declared, ARGV[4])
  if #missing > 0 then return {'MORE', unpack(missing)} end
end

local answer = 'LOST'
if record then
  answer = 'OK'
  local field, charge = phase == 'A' and 'r' or 'x', tonumber(ARGV[3])
  for _, one in ipairs(keys) do
    local c = redis.call('HMGET', one[1], 'e', 'g', 's', field)
    if c[1] == age and c[2] == one[2] then
      redis.call('HSET', one[1], 's', text(c[3] + charge), field, text(c[4] - amount))
    end
  end
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
else
  -- Whether the ledger's sum had the charge cannot be known: they are to be opened again.
  for i = 1, named do
    local found = counter(KEYS[4 + i])
    if found and found[1] ~= 'F' then forget(KEYS[4 + i]) end
  end
end
for i = 0, buckets - 1 do
  local of, key = 9 + 4 * i, KEYS[4 + counters + 1 + i]
  local units, capacity, tick_ms, ticks = tonumber(ARGV[of + 1]), tonumber(ARGV[of + 2]), tonumber(ARGV[of + 3]), tonumber(ARGV[of + 4])
  local scaled, at, full = level(key, capacity, tick_ms, ticks)
  put_level(key, math.min(scaled + units * ticks, full), at, full, capacity, tick_ms)
end
for i = 4 + counters + buckets + 1, #KEYS do redis.call('ZREM', KEYS[i], ARGV[6]) end
redis.call('SET', KEYS[4], text(now + tonumber(ARGV[5])), 'PX', ARGV[5])
return {answer}
