-- Finds attempts that wait for their node's journal: those of nodes that are gone, or, when none is
-- named, orphans.
-- KEYS: 1 organization, 2 records. ARGV: 1 epoch, 2 at most, then names of nodes.
local gone, answer, most = {}, {'OK'}, tonumber(ARGV[2])
for i = 3, #ARGV do gone[ARGV[i]] = true end
local records = redis.call('HGETALL', KEYS[2])
for i = 1, #records, 2 do
  if #answer > most then return answer end
  local phase, _, _, node = parse(records[i + 1])
  if gone[node] or (not ARGV[3] and phase == 'O') then answer[#answer + 1] = records[i] end
end
return answer
