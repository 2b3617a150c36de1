-- Since when this server has had its memory.
-- KEYS: 1 marker. ARGV: 1 server's identity.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local known = redis.call('GET', KEYS[1])
local identity, since = string.match(known or '', '^([^|]*)|(%d+)$')
if identity == ARGV[1] then return {'OK', since, now} end
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. now)
return {'OK', now, now}
