-- Makes an attempt's hold larger, where every limit leaves room, or smaller.
-- KEYS: 1 organization, 2 records, then a counter for each hold, then other counters that it is on.
-- ARGV: 1 epoch, 2 attempt, 3 amount, 4 prefix of counters' keys, 5 how many holds, then for each
--   limit, version, since, kept until.
local record = redis.call('HGET', KEYS[2], ARGV[2])
if not record then return {'NONE'} end
local phase, held, at, node, head, scopes = parse(record)
local declared = {}
for i = 3, #KEYS do declared[KEYS[i]] = i - 2 end
local keys, missing = on(head, declared, ARGV[4])
if #missing > 0 then return {'MORE', unpack(missing)} end
local holds, more = tonumber(ARGV[5]), ARGV[3] - held
local found = {}
for i = 1, #KEYS - 2 do found[i] = counter(KEYS[2 + i]) end
if more > 0 then
  local unknown, over = {'UNKNOWN'}, nil
  for i = 1, holds do
    local of = 5 + 4 * (i - 1)
    -- A window that is over for so long that its counter is gone limits nothing any more.
    if now < tonumber(ARGV[of + 4]) then
      local c = found[i]
      if not c or c[1] ~= 'S' or tonumber(c[5]) < tonumber(ARGV[of + 3]) then
        unknown[#unknown + 1] = i - 1
      elseif not over then
        local limit = in_the_way(c, ARGV[of + 1], ARGV[of + 2], more)
        if limit then over = {'BUDGET', i - 1, limit, c[8], c[9], c[10]} end
      end
    end
  end
  if #unknown > 1 then return unknown end
  if over then return over end
end

local field, place = 'r', 9
if phase == 'O' then field, place = 'x', 10 end
for _, one in ipairs(keys) do
  local index = declared[one[1]]
  local c = found[index]
  if c and c[4] == one[2] then
    if more ~= 0 then redis.call('HSET', one[1], field, text(c[place] + more)) end
    if index <= holds then hear(one[1], c, ARGV[5 + 4 * (index - 1) + 1], ARGV[5 + 4 * (index - 1) + 2]) end
  end
end
local rest = string.sub(head, string.find(head .. '\n', '\n', 1, true), -1)
redis.call('HSET', KEYS[2], ARGV[2], phase .. '|' .. ARGV[3] .. '|' .. text(at) .. '|' .. node .. rest .. scopes)
return {'OK'}
