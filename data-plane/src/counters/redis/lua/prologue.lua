-- Headgate's counters in Redis, layout 1. Every script begins with this.
--
-- KEYS[1] is the organization's hash: e = epoch (which memory this is), a = age of the counters (one
-- of another age is as if it were not there), b = newest budget, g = last generation, q = last fence,
-- o = whether counters were opened in this age, f = from when they may be.
-- ARGV[1] is the epoch that the caller knows: with another one it has to say its attempts again first.
--
-- Rules: check all, then write all, for Redis does not roll back; every key is in KEYS; amounts are
-- whole numbers below 2^53, written by text(), for Lua's own conversion rounds above 1e14.
local meta = redis.call('HMGET', KEYS[1], 'e', 'a', 'b')
if meta[1] ~= ARGV[1] then return {'EPOCH', meta[1] or ''} end
local age = meta[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Adding 0 turns -0, which Redis refuses as a number, into 0.
local function text(number) return string.format('%.0f', number + 0) end

-- A counter: 1 trust (S seeded, O opened, F forgotten), 2 age, 3 kept until, 4 generation, 5 since,
-- 6 version, 7 limit (none is empty), 8 settled, 9 reserved, 10 orphaned, 11 opened at. None, if it is not there.
local function counter(key)
  local found = redis.call('HMGET', key, 't', 'e', 'k', 'g', 'n', 'v', 'l', 's', 'r', 'x', 'd')
  if found[1] and found[2] == age and now < tonumber(found[3]) then return found end
end

local function expire(key, kept)
  if tonumber(kept) < 9007199254740992 then redis.call('PEXPIREAT', key, kept) end
end

-- How far the clock may go back when another server takes over.
local CLOCK_JUMP_MS = 10000

-- Puts a counter there with nothing on it, in the place of what was left of an older one.
local function put(key, trust, since, kept)
  redis.call('DEL', key)
  redis.call('HSET', key, 't', trust, 'e', age, 'k', kept, 'n', since, 'v', '0', 'l', '',
    's', '0', 'r', '0', 'x', '0', 'c', '0', 'd', '0', 'g', redis.call('HINCRBY', KEYS[1], 'g', 1))
  expire(key, kept)
end

-- Makes a counter unknown. What is on it is known by its generation, and so on it no more.
local function forget(key)
  redis.call('HSET', key, 't', 'F', 's', '0', 'r', '0', 'x', '0', 'c', '0',
    'g', redis.call('HINCRBY', KEYS[1], 'g', 1))
  redis.call('HDEL', key, 'o', 'w', 'q')
end

-- Makes a counter unknown, also one that is not there: it must not begin at 0.
local function must_be_opened(key, found, kept)
  if not found then put(key, 'F', '0', kept) elseif found[1] ~= 'F' then forget(key) end
end

-- Hears of a limit: the newest holds.
local function hear(key, found, limit, version)
  if tonumber(version) >= tonumber(found[6]) and (limit ~= found[7] or version ~= found[6]) then
    redis.call('HSET', key, 'l', limit, 'v', version)
  end
end

-- The limit in the way of so much more, as text.
local function in_the_way(found, limit, version, more)
  if tonumber(found[6]) > tonumber(version) then limit = found[7] end
  if limit == '' then return end
  if found[8] + found[9] + found[10] + more > tonumber(limit) then return limit end
end

-- A record of an attempt: phase|amount|reserved at|node, a line for each counter that it is on
-- (generation and name), an empty line, a line for each scope, a newline.
local function parse(record)
  local gap = string.find(record, '\n\n', 1, true)
  local phase, amount, at, node = string.match(record, '^(%a)|(%d+)|(%d+)|([^\n]*)')
  return phase, tonumber(amount), tonumber(at), node, string.sub(record, 1, gap - 1), string.sub(record, gap)
end

-- The counters that a record is on now: key, generation; and those that are not among the declared.
local function on(head, declared, prefix)
  local keys, missing = {}, {}
  for generation, name in string.gmatch(head, '\n(%d+) ([^\n]+)') do
    local key = prefix .. name
    if declared[key] then keys[#keys + 1] = {key, generation} else missing[#missing + 1] = name end
  end
  return keys, missing
end

-- A bucket's level in 1/ticks of a unit, and the time of its last whole tick.
local function level(key, capacity, tick_ms, ticks)
  local full = capacity * ticks
  local known = redis.call('GET', key)
  if not known then return full, now, full end
  local scaled, at = string.match(known, '^(-?%d+)|(%d+)$')
  scaled, at = tonumber(scaled), tonumber(at)
  local elapsed = math.floor(math.max(0, now - at) / tick_ms)
  scaled = scaled + capacity * elapsed
  if scaled >= full then return full, now, full end
  return scaled, at + elapsed * tick_ms, full
end

local function ticks_until(from, to, capacity)
  if to <= from then return 0 end
  if capacity == 0 then return 9007199254740991 end
  return math.ceil((to - from) / capacity)
end

local function put_level(key, scaled, at, full, capacity, tick_ms)
  -- A full one is as one that was never seen.
  local full_in_ms = at + ticks_until(scaled, full, capacity) * tick_ms - now
  local kept_ms = math.max(1000, math.min(full_in_ms + 60000, 2678400000))
  redis.call('SET', key, text(scaled) .. '|' .. text(at), 'PX', text(kept_ms))
end
