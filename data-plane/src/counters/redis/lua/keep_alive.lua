-- Makes the time of what goes on longer, never shorter.
-- KEYS: 1 organization, 2 expiries, then a slot for each place.
-- ARGV: 1 epoch, 2 time to live, then a member for each place, then the attempts.
local until_ms, places = text(now + tonumber(ARGV[2])), #KEYS - 2
for i = 1, places do
  local score = redis.call('ZSCORE', KEYS[2 + i], ARGV[2 + i])
  if score and now < tonumber(score) then redis.call('ZADD', KEYS[2 + i], 'XX', 'GT', until_ms, ARGV[2 + i]) end
end
-- Only those whose node gives signs of life are there.
for i = 3 + places, #ARGV do redis.call('ZADD', KEYS[2], 'XX', 'GT', until_ms, ARGV[i]) end
return {'OK'}
