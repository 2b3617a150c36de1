-- Gives an opened counter what the ledger has; from then on it is trusted.
-- KEYS: 1 organization, 2 counter. ARGV: 1 epoch, 2 settled, 3 revision, 4 opening.
local found = counter(KEYS[2])
if not found then return {'VOID'} end
if found[1] == 'S' then return {'READY'} end
if found[1] ~= 'O' or redis.call('HGET', KEYS[2], 'o') ~= ARGV[4] then return {'VOID'} end
redis.call('HSET', KEYS[2], 't', 'S', 's', text(found[8] + ARGV[2]), 'c', ARGV[3])
redis.call('HDEL', KEYS[2], 'o', 'w', 'q')
return {'READY'}
