-- Makes every counter unknown; what is under way stays, and is found when they are opened.
-- KEYS: 1 organization. ARGV: 1 epoch, 2 new age.
redis.call('HSET', KEYS[1], 'a', ARGV[2])
redis.call('HDEL', KEYS[1], 'o')
return {'OK'}
