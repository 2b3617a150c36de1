-- Takes away, or gives back, the right to reserve. The highest revision holds; of two of one
-- revision, the one that takes away.
-- KEYS: 1 revocations. ARGV: 1 R or G, 2 revision, 3 channel, 4 organization, then ids.
for i = 5, #ARGV do
  local last = redis.call('HGET', KEYS[1], ARGV[i])
  local before = last and tonumber(string.sub(last, 2))
  local is_newer = not last or tonumber(ARGV[2]) > before
    or (tonumber(ARGV[2]) == before and ARGV[1] == 'R')
  if is_newer then redis.call('HSET', KEYS[1], ARGV[i], ARGV[1] .. ARGV[2]) end
end
redis.call('PUBLISH', ARGV[3], 'revision ' .. ARGV[2] .. ' ' .. ARGV[4])
return {'OK'}
