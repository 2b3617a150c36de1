-- Corrects a counter by what the ledger was corrected by; one that is not trusted is to be opened.
-- KEYS: 1 organization, 2 counter. ARGV: 1 epoch, 2 amount, 3 revision, 4 kept until.
if now >= tonumber(ARGV[4]) then return {'OK'} end
local found = counter(KEYS[2])
if not found or found[1] ~= 'S' then
  must_be_opened(KEYS[2], found, ARGV[4])
elseif tonumber(ARGV[3]) > tonumber(redis.call('HGET', KEYS[2], 'c')) then
  redis.call('HSET', KEYS[2], 's', text(found[8] + ARGV[2]), 'c', ARGV[3])
end
return {'OK'}
