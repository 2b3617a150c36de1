-- Holds what an attempt asks for: all of it, or nothing.
-- KEYS: 1 organization, 2 records, 3 expiries, 4 done marker, 5 revocations, then a counter and the
--   one of the window before (or the same) for each hold, buckets, slots.
-- ARGV: 1 epoch, 2 attempt, 3 amount, 4 time to live, 5 node, 6 as of, 7 scopes, 8 to 11 how many
--   holds, buckets, slots, revocable ids; then for each hold name, limit, version, since, from, to,
--   kept until; for each bucket cost, capacity, tick_ms, ticks; for each slot its limit; the ids.
local attempt, amount = ARGV[2], tonumber(ARGV[3])
local holds, buckets, slots, ids = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local done = redis.call('GET', KEYS[4])
if done and now < tonumber(done) then return {'DONE'} end
local record = redis.call('HGET', KEYS[2], attempt)
if record then
  local _, _, at = parse(record)
  return {'HELD', text(at)}
end
if tonumber(ARGV[6]) < tonumber(meta[3] or 0) then return {'OUTDATED', meta[3]} end
local of_buckets = 11 + 7 * holds
local of_slots = of_buckets + 4 * buckets
local of_ids = of_slots + slots
if ids > 0 then
  local told = redis.call('HMGET', KEYS[5], unpack(ARGV, of_ids + 1, of_ids + ids))
  for i = 1, ids do
    if told[i] and string.byte(told[i]) == 82 then return {'REVOKED', i - 1} end
  end
end
for i = 0, holds - 1 do
  if now < tonumber(ARGV[16 + 7 * i]) or now >= tonumber(ARGV[17 + 7 * i]) then return {'WINDOW', i, text(now)} end
end
local counters, unknown = {}, {'UNKNOWN'}
for i = 0, holds - 1 do
  local since = tonumber(ARGV[15 + 7 * i])
  local found = counter(KEYS[6 + 2 * i])
  local known = found
  if not found and KEYS[7 + 2 * i] ~= KEYS[6 + 2 * i] then
    known = counter(KEYS[7 + 2 * i])
    -- By an earlier clock that was ahead somebody may have spent in this window.
    if known and tonumber(known[11]) + CLOCK_JUMP_MS > tonumber(ARGV[16 + 7 * i]) then known = nil end
  end
  if not known or known[1] ~= 'S' or tonumber(known[5]) < since then unknown[#unknown + 1] = i end
  -- One that is not there begins at 0: nobody has spent in its window.
  counters[i] = found or {'S', age, nil, nil, nil, '0', '', '0', '0', '0', known and known[11], true}
end
if #unknown > 1 then return unknown end
for i = 0, holds - 1 do
  local found = counters[i]
  local limit = in_the_way(found, ARGV[13 + 7 * i], ARGV[14 + 7 * i], amount)
  if limit then return {'BUDGET', i, limit, found[8], found[9], found[10]} end
end
local of_keys = 5 + 2 * holds
local levels = {}
for i = 0, buckets - 1 do
  local of = of_buckets + 4 * i
  local cost, capacity, tick_ms, ticks = tonumber(ARGV[of + 1]), tonumber(ARGV[of + 2]), tonumber(ARGV[of + 3]), tonumber(ARGV[of + 4])
  local scaled, at, full = level(KEYS[of_keys + 1 + i], capacity, tick_ms, ticks)
  if scaled < cost * ticks then
    local wait = ticks * tick_ms
    if cost <= capacity then
      wait = math.max(0, ticks_until(scaled, cost * ticks, capacity) * tick_ms - math.max(0, now - at))
    end
    return {'RATE', i, text(wait), text(math.floor(scaled / ticks))}
  end
  levels[i] = {math.min(scaled - cost * ticks, full), at, full, capacity, tick_ms, ticks}
end
of_keys = of_keys + buckets
local stale = {}
for i = 0, slots - 1 do
  local key, limit = KEYS[of_keys + 1 + i], tonumber(ARGV[of_slots + 1 + i])
  if redis.call('ZCARD', key) >= limit then
    if redis.call('ZCOUNT', key, '(' .. text(now), '+inf') >= limit then return {'PARALLEL', i} end
    stale[i] = true
  end
end

local answer, head = {'OK', text(now)}, {'A|' .. ARGV[3] .. '|' .. text(now) .. '|' .. ARGV[5]}
for i = 0, holds - 1 do
  local key, found, limit, version = KEYS[6 + 2 * i], counters[i], ARGV[13 + 7 * i], ARGV[14 + 7 * i]
  local reserved = text(found[9] + amount)
  if found[12] then
    put(key, 'S', ARGV[15 + 7 * i], ARGV[18 + 7 * i])
    redis.call('HSET', key, 'r', reserved, 'l', limit, 'v', version, 'd', found[11])
    found[4] = redis.call('HGET', key, 'g')
  elseif tonumber(version) >= tonumber(found[6]) and (limit ~= found[7] or version ~= found[6]) then
    redis.call('HSET', key, 'r', reserved, 'l', limit, 'v', version)
  else
    redis.call('HSET', key, 'r', reserved)
  end
  head[#head + 1] = found[4] .. ' ' .. ARGV[12 + 7 * i]
  answer[#answer + 1] = found[8]
  answer[#answer + 1] = reserved
  answer[#answer + 1] = found[10]
end
for i = 0, buckets - 1 do
  local l = levels[i]
  put_level(KEYS[5 + 2 * holds + 1 + i], l[1], l[2], l[3], l[4], l[5])
  answer[#answer + 1] = text(math.floor(l[1] / l[6]))
end
local expires = text(now + tonumber(ARGV[4]))
for i = 0, slots - 1 do
  local key = KEYS[of_keys + 1 + i]
  if stale[i] then redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now)) end
  redis.call('ZADD', key, expires, attempt)
end
redis.call('HSET', KEYS[2], attempt, table.concat(head, '\n') .. '\n\n' .. ARGV[7])
redis.call('ZADD', KEYS[3], expires, attempt)
return answer
