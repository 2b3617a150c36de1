-- Makes orphans of attempts that gave no sign of life: what they hold goes on counting.
-- KEYS: 1 organization, 2 records, 3 expiries, then counters.
-- ARGV: 1 epoch, 2 prefix of counters' keys, then attempts.
local declared, answer = {}, {'OK'}
for i = 4, #KEYS do declared[KEYS[i]] = true end
for i = 3, #ARGV do
  local attempt = ARGV[i]
  local score, record = redis.call('ZSCORE', KEYS[3], attempt), redis.call('HGET', KEYS[2], attempt)
  if score and record and now >= tonumber(score) then
    local phase, amount, _, _, head, scopes = parse(record)
    local keys, missing = on(head, declared, ARGV[2])
    -- One that is on another counter by now is found again.
    if #missing == 0 and phase == 'A' then
      for _, one in ipairs(keys) do
        local c = redis.call('HMGET', one[1], 'e', 'g', 'r', 'x')
        if c[1] == age and c[2] == one[2] then
          redis.call('HSET', one[1], 'r', text(c[3] - amount), 'x', text(c[4] + amount))
        end
      end
      redis.call('HSET', KEYS[2], attempt, 'O' .. string.sub(head, 2) .. scopes)
      redis.call('ZREM', KEYS[3], attempt)
      answer[#answer + 1] = attempt
      answer[#answer + 1] = text(amount)
    end
  end
end
return answer
