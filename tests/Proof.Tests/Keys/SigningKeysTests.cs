using System.Security.Cryptography;
using Agora.Crypto;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Proof.Keys;
using Agora.Testing;

namespace Agora.Proof.Tests.Keys;

public sealed class SigningKeysTests
{
    private readonly SimTimeProvider _time = new();
    private readonly MemoryJournal _journal;

    public SigningKeysTests() => _journal = new MemoryJournal(_time);

    [Fact]
    public async Task Processes_that_start_together_have_one_key_and_one_that_may_make_none_waits_for_it()
    {
        using var reader = Process();
        Assert.Null(await reader.Current(default));
        Assert.Empty(await reader.Public(default));

        using var one = Process();
        using var two = Process();
        var made = await Task.WhenAll(one.Load(mayMake: true, default), two.Load(mayMake: true, default));

        Assert.Equal(KeyId(made[0]), KeyId(made[1]));
        Assert.Equal(KeyId(made[0]), KeyId(await reader.Current(default)));
        Assert.Equal([KeyId(made[0])], (await reader.Public(default)).Select(key => key.KeyId));
    }

    [Fact]
    public async Task After_a_rotation_the_new_key_signs_everywhere_within_a_minute_and_the_former_ones_stay_published()
    {
        using var one = Process();
        using var two = Process();
        var first = KeyId(await one.Load(mayMake: true, default));
        Assert.Equal(first, KeyId(await two.Current(default)));
        var former = (await two.Current(default))!;
        var token = Jws.Sign("t", "{}"u8, former);

        var second = (await one.Rotate(default)).KeyId;
        Assert.Equal(first, KeyId(await two.Current(default)));
        _time.Advance(SigningKeys.TimeToLive);
        Assert.Equal(second, KeyId(await two.Current(default)));
        Assert.Equal(second, KeyId(await one.Current(default)));

        var published = await two.Public(default);
        Assert.Equal([first, second], published.Select(key => key.KeyId));
        Assert.NotNull(Jws.Verify(token, "t", id => published.Single(key => key.KeyId == id)));
    }

    [Fact]
    public async Task A_rotation_destroys_the_former_private_key()
    {
        using var keys = Process();
        await keys.Load(mayMake: true, default);
        await keys.Rotate(default);
        Assert.True((await _journal.LoadKey("agora/signing/1", default))!.Value.IsEmpty);
        Assert.False((await _journal.LoadKey("agora/signing/2", default))!.Value.IsEmpty);
    }

    [Fact]
    public async Task An_operator_takes_a_former_key_away_but_not_the_one_that_signs()
    {
        using var keys = Process();
        var first = KeyId(await keys.Load(mayMake: true, default));
        Assert.False(await keys.Remove(first, default));
        var second = (await keys.Rotate(default)).KeyId;
        Assert.False(await keys.Remove("none", default));
        Assert.True(await keys.Remove(first, default));
        Assert.Equal([second], (await keys.Public(default)).Select(key => key.KeyId));
    }

    [Fact]
    public async Task A_process_killed_between_the_two_parts_of_a_key_leaves_what_the_next_one_completes()
    {
        var killed = new MemoryJournal(_time);
        using (var dying = new SigningKeys(new DiesAtPublic(killed), new byte[32], _time)) await Assert.ThrowsAsync<OperationCanceledException>(() => dying.Load(mayMake: true, default));
        using var next = new SigningKeys(killed, new byte[32], _time);
        Assert.Empty(await next.Public(default));
        var key = KeyId(await next.Load(mayMake: true, default));
        Assert.Equal([key], (await next.Public(default)).Select(k => k.KeyId));
    }

    [Fact]
    public async Task Another_master_key_does_not_open_the_key()
    {
        using var keys = Process();
        await keys.Load(mayMake: true, default);
        using var stranger = new SigningKeys(_journal, new byte[] { 1 }.Concat(new byte[31]).ToArray(), _time);
        await Assert.ThrowsAnyAsync<CryptographicException>(() => stranger.Load(mayMake: true, default));
    }

    [Fact]
    public async Task A_public_part_that_was_replaced_in_the_database_is_no_key_and_nothing_is_signed()
    {
        using var strange = new Ed25519PrivateKey(new byte[Ed25519.SeedBytes]);
        using var keys = Process();
        await keys.Load(mayMake: true, default);

        var written = new Overwritten(_journal) { [PublicOf(1)] = strange.PublicKey };
        using var next = new SigningKeys(written, new byte[32], _time);
        await Assert.ThrowsAsync<JournalRefusedException>(() => next.Load(mayMake: true, default));
        Assert.Empty(await next.Public(default));
        Assert.Contains("not its own", Assert.Single(await next.Doubts(default)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_former_public_part_that_was_replaced_is_no_key_with_its_code_or_without(bool withoutCode)
    {
        using var strange = new Ed25519PrivateKey(new byte[Ed25519.SeedBytes]);
        using var keys = Process();
        await keys.Load(mayMake: true, default);
        var second = (await keys.Rotate(default)).KeyId;

        var written = new Overwritten(_journal) { [PublicOf(1)] = strange.PublicKey };
        if (withoutCode)
        {
            written[$"{PublicOf(1)}/code"] = null;
        }

        using var next = new SigningKeys(written, new byte[32], _time);
        Assert.Equal(second, KeyId(await next.Load(mayMake: true, default)));
        Assert.Equal([second], (await next.Public(default)).Select(key => key.KeyId));
        Assert.Single(await next.Doubts(default));
    }

    [Fact]
    public async Task A_key_of_an_earlier_release_has_its_code_when_it_retires_and_one_that_had_retired_is_vouched_for_by_name()
    {
        using var keys = Process();
        var first = KeyId(await keys.Load(mayMake: true, default));
        var second = (await keys.Rotate(default)).KeyId;
        var earlier = new Overwritten(_journal) { [$"{PublicOf(1)}/code"] = null, [$"{PublicOf(2)}/code"] = null };

        using var upgraded = new SigningKeys(earlier, new byte[32], _time);
        Assert.Equal([second], (await upgraded.Public(default)).Select(key => key.KeyId));
        await upgraded.Rotate(default);
        Assert.Equal([second], (await upgraded.Public(default)).Select(key => key.KeyId).SkipLast(1));
        Assert.False(await upgraded.Keep("none", default));
        Assert.True(await upgraded.Keep(first, default));
        Assert.Equal([first, second], (await upgraded.Public(default)).Select(key => key.KeyId).SkipLast(1));
        Assert.Empty(await upgraded.Doubts(default));
    }

    private static string PublicOf(int number) => $"agora/signing/{number}/public";

    private SigningKeys Process() => new(_journal.Connect(null), new byte[32], _time);

    private static string KeyId(Ed25519PrivateKey? key) => new Jwk(key!.PublicKey).KeyId;

    private sealed class DiesAtPublic(IJournal inner) : DelegatingJournal(inner)
    {
        public override Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel) =>
            keyId.EndsWith("/public", StringComparison.Ordinal) ? throw new OperationCanceledException() : base.PutKey(keyId, wrapped, cancel);
    }

    /// <summary>What somebody who writes the database has put there; null: taken away, until it is put again.</summary>
    private sealed class Overwritten(IJournal inner) : DelegatingJournal(inner)
    {
        private readonly Dictionary<string, ReadOnlyMemory<byte>?> _rows = new(StringComparer.Ordinal);

        public ReadOnlyMemory<byte>? this[string keyId]
        {
            set => _rows[keyId] = value;
        }

        public override Task<ReadOnlyMemory<byte>?> LoadKey(string keyId, CancellationToken cancel) =>
            _rows.TryGetValue(keyId, out var content) ? Task.FromResult(content) : base.LoadKey(keyId, cancel);

        public override Task<ReadOnlyMemory<byte>> PutKey(string keyId, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
        {
            if (!_rows.TryGetValue(keyId, out var content)) return base.PutKey(keyId, wrapped, cancel);
            _rows[keyId] = content ?? wrapped;
            return Task.FromResult(_rows[keyId]!.Value);
        }
    }
}
