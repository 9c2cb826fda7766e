using System.Security.Cryptography;
using System.Text;
using Agora.Journal.Memory;
using Agora.Journal.Personal;
using Agora.Journal.Tests.Fakes;

namespace Agora.Journal.Tests.Personal;

public sealed class PersonalKeysTests
{
    private static readonly byte[] Master = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
    private static readonly byte[] Context = "s/1|7|0"u8.ToArray();

    private readonly ManualTime _time = new();
    private readonly MemoryJournal _journal;
    private readonly List<JournalCall> _calls = [];

    public PersonalKeysTests() => _journal = new MemoryJournal(_time, Count);

    [Fact]
    public async Task What_is_sealed_opens_in_another_process_too()
    {
        var sealedBytes = (await Keys(1).Get("user-1")).Seal("Ada"u8, Context);
        var opened = (await Keys(2).Get("user-1")).Open(sealedBytes, Context);
        Assert.Equal("Ada", Encoding.UTF8.GetString(opened!));
    }

    [Fact]
    public async Task It_does_not_open_elsewhere_nor_changed_nor_under_another_key()
    {
        var keys = Keys(1);
        var key = await keys.Get("user-1");
        var sealedBytes = key.Seal("Ada"u8, Context);
        Assert.ThrowsAny<CryptographicException>(() => key.Open(sealedBytes, "s/1|7|1"u8));
        var other = await keys.Get("user-2");
        Assert.ThrowsAny<CryptographicException>(() => other.Open(sealedBytes, Context));
        for (var i = 0; i < sealedBytes.Length; i++)
        {
            var changed = (byte[])sealedBytes.Clone();
            changed[i] ^= 1;
            if (i == 0)
            {
                changed[i] = 9;
            }

            Assert.ThrowsAny<CryptographicException>(() => key.Open(changed, Context));
        }

        Assert.ThrowsAny<CryptographicException>(() => key.Open([], Context));
    }

    [Fact]
    public async Task A_code_is_the_same_for_the_same_content_in_every_process_under_one_key_and_says_nothing_once_that_is_destroyed()
    {
        var keys = Keys(1);
        var key = await keys.Get("user-1");
        var code = key.Code("Ada"u8);
        Assert.Equal(code, (await Keys(2).Get("user-1")).Code("Ada"u8));
        Assert.NotEqual(code, key.Code("Bob"u8));
        Assert.NotEqual(code, (await keys.Get("user-2")).Code("Ada"u8));
        Assert.NotEqual(code, SHA256.HashData("Ada"u8));
        await keys.Destroy("user-1");
        Assert.Empty(key.Code("Ada"u8));
    }

    [Fact]
    public async Task Sealed_bytes_hold_no_plaintext_and_differ_each_time()
    {
        var key = await Keys(1).Get("user-1");
        var one = key.Seal("Ada Lovelace"u8, Context);
        Assert.Equal(-1, one.AsSpan().IndexOf("Ada"u8));
        Assert.NotEqual(one, key.Seal("Ada Lovelace"u8, Context));
        Assert.Equal(1 + 12 + 16 + 12, one.Length);
    }

    [Fact]
    public async Task After_destruction_nothing_opens_for_any_holder_and_what_is_sealed_is_erased()
    {
        var keys = Keys(1, capacity: 1);
        var held = await keys.Get("user-1");
        var sealedBytes = held.Seal("Ada"u8, Context);
        for (var i = 2; i < 6; i++) await keys.Get($"user-{i}"); // Out of the cache, still held.
        await keys.Destroy("user-1");
        Assert.True(held.Destroyed);
        Assert.Null(held.Open(sealedBytes, Context));
        var late = held.Seal("Ada"u8, Context);
        Assert.Equal(-1, late.AsSpan().IndexOf("Ada"u8));
        Assert.Null(held.Open(late, Context));
        Assert.Null((await Keys(2).Get("user-1")).Open(sealedBytes, Context));
    }

    [Fact]
    public async Task A_destruction_by_another_process_is_seen_after_the_time_to_live_by_all_holders()
    {
        var (here, there) = (Keys(1), Keys(2));
        var held = await here.Get("user-1");
        var sealedBytes = held.Seal("Ada"u8, Context);
        await there.Destroy("user-1");
        _time.Advance(PersonalKeys.TimeToLive - TimeSpan.FromTicks(1));
        Assert.NotNull((await here.Get("user-1")).Open(sealedBytes, Context));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null((await here.Get("user-1")).Open(sealedBytes, Context));
        Assert.True(held.Destroyed);
    }

    [Fact]
    public async Task A_key_that_only_this_process_can_destroy_is_read_once_and_destroyed_at_once()
    {
        var keys = Keys(1, timeToLive: TimeSpan.MaxValue);
        var held = await keys.Get("user-1");
        _calls.Clear();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Same(held, await keys.Get("user-1"));
        Assert.Empty(_calls);

        await keys.Destroy("user-1");

        Assert.True((await keys.Get("user-1")).Destroyed);
    }

    [Fact]
    public async Task Who_follows_what_others_destroy_need_not_read_a_key_again_and_sees_its_destruction()
    {
        var (here, there) = (Keys(1), Keys(2));
        await here.Follow(default);
        var held = await here.Get("user-1");
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(PersonalKeys.TimeToLive / 2);
            await here.Follow(default);
        }

        _calls.Clear();
        Assert.Same(held, await here.Get("user-1"));
        Assert.Empty(_calls);
        await there.Destroy("user-1");
        await here.Follow(default);
        Assert.True(held.Destroyed);
    }

    [Fact]
    public async Task Who_no_longer_follows_reads_an_aged_key_again()
    {
        var keys = Keys(1);
        await keys.Follow(default);
        await keys.Get("user-1");
        _time.Advance(PersonalKeys.TimeToLive);
        _calls.Clear();
        await keys.Get("user-1");
        Assert.Equal([JournalCall.LoadKey], _calls);
    }

    [Fact]
    public async Task A_fresh_key_is_not_read_again_and_the_cache_is_bounded()
    {
        var keys = Keys(1, capacity: 2);
        await keys.Get("user-1");
        _calls.Clear();
        Assert.True(keys.Get("user-1").IsCompletedSuccessfully);
        Assert.Empty(_calls);
        for (var i = 2; i < 7; i++) await keys.Get($"user-{i}");
        _calls.Clear();
        await keys.Get("user-1");
        Assert.Equal([JournalCall.LoadKey], _calls);
    }

    [Fact]
    public async Task Two_processes_that_make_a_key_at_once_use_the_same()
    {
        PersonalKey? theirs = null;
        var raced = false;
        var mine = new MemoryJournal(_time);
        var there = new PersonalKeys(mine.Connect(null), Master, new Seeded(2).Fill, _time);
        var here = new PersonalKeys(
            mine.Connect(call =>
            {
                if (call == JournalCall.PutKey && !raced)
                {
                    raced = true;
                    theirs = there.Get("user-1").AsTask().Now();
                }

                return default;
            }),
            Master, new Seeded(1).Fill, _time);
        var ours = await here.Get("user-1");
        Assert.Equal("Ada"u8.ToArray(), ours.Open(theirs!.Seal("Ada"u8, Context), Context));
    }

    [Fact]
    public async Task Another_master_key_is_refused()
    {
        await Keys(1).Get("user-1");
        using var wrong = new PersonalKeys(_journal, new byte[32], new Seeded(3).Fill, _time);
        var error = await Assert.ThrowsAnyAsync<CryptographicException>(async () => await wrong.Get("user-1"));
        Assert.Contains("user-1", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PersonalKeys(_journal, new byte[31], new Seeded(3).Fill, _time));
    }

    [Fact]
    public async Task Same_random_source_gives_the_same_bytes()
    {
        async Task<byte[]> Run() => (await new PersonalKeys(new MemoryJournal(_time), Master, new Seeded(5).Fill, _time).Get("user-1")).Seal("Ada"u8, Context);
        Assert.Equal(await Run(), await Run());
    }

    private PersonalKeys Keys(int seed, int capacity = 100, TimeSpan? timeToLive = null) =>
        new(_journal.Connect(Count), Master, new Seeded(seed).Fill, _time, capacity, timeToLive);

    private JournalFault Count(JournalCall call)
    {
        _calls.Add(call);
        return default;
    }

    private sealed class Seeded(int seed)
    {
        private readonly Random _random = new(seed);

        public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
    }
}
