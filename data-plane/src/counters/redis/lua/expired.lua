-- Finds attempts that gave no sign of life, and the counters that they are on.
-- KEYS: 1 organization, 2 records, 3 expiries. ARGV: 1 epoch, 2 at most.
local answer = {'OK'}
for _, attempt in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', text(now), 'LIMIT', 0, ARGV[2])) do
  local record = redis.call('HGET', KEYS[2], attempt)
  if not record then
    redis.call('ZREM', KEYS[3], attempt)
  else
    local names = {}
    local _, _, _, _, head = parse(record)
    for name in string.gmatch(head, '\n%d+ ([^\n]+)') do names[#names + 1] = name end
    answer[#answer + 1] = attempt
    answer[#answer + 1] = table.concat(names, '\n')
  end
end
return answer
