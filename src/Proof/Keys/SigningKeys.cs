using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Crypto;
using Agora.Journal;

namespace Agora.Proof.Keys;

/// <summary>
/// The keys that sign receipts and checkpoints, numbered from 1; the one with the highest number signs. They stand beside the personal keys
/// in the journal, so that all processes of a cluster have the same ones, backups hold them, and nobody hands them around: the private part wrapped with the
/// master key (AES-256-GCM, the key's name as context), the public part as it is, and a code of it under the master key (HMAC-SHA-256).
/// <para>PutOnce: whoever comes first makes a key, all others take that one. PublicForEver: a public key stays when its private part is
/// destroyed by the next rotation, so that what it signed verifies; only an operator takes it away. Vouched: a public part counts only as the private
/// part gives it or, when that is destroyed, under its code; so who writes the database without the master key puts no key of his own in its place.</para>
/// </summary>
public sealed class SigningKeys(IJournal journal, ReadOnlyMemory<byte> masterKey, TimeProvider time) : IDisposable
{
    /// <summary>After this a key is looked up again: so long may a rotation by another process go unseen. What the former key signs meanwhile verifies.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(1);

    private const string Prefix = "agora/signing/";
    private const byte WrappedVersion = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly SemaphoreSlim _turn = new(1);
    private volatile Ed25519PrivateKey? _current;
    private long _loadedAt;

    /// <summary>Loads the key that signs; makes the first one where that is allowed. Again whenever another process may have rotated.</summary>
    /// <returns>Null when there is none yet, and none was to be made.</returns>
    /// <exception cref="JournalRefusedException">Its stored public part is another one: nothing is signed, for nobody could verify it.</exception>
    public async Task<Ed25519PrivateKey?> Load(bool mayMake, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var number = await Last(cancel);
            if (number == 0 && !mayMake) return null;
            var seed = number == 0 ? await Make(1, cancel) : await Seed(number, cancel);
            if (seed is null) return _current; // Rotated between the two looks: the next one finds the new key.
            Volatile.Write(ref _loadedAt, time.GetTimestamp());
            var key = new Ed25519PrivateKey(seed);
            CryptographicOperations.ZeroMemory(seed);
            if (_current is { } current && current.PublicKey.Span.SequenceEqual(key.PublicKey.Span))
            {
                key.Dispose();
                return current;
            }

            return _current = key; // Whoever still signs with the former one holds it; it is freed with its last user.
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The key that signs. Null: no process that may make one has started yet.</summary>
    public async ValueTask<Ed25519PrivateKey?> Current(CancellationToken cancel) =>
        _current is { } current && time.GetElapsedTime(Volatile.Read(ref _loadedAt)) < TimeToLive ? current : await Load(mayMake: false, cancel);

    /// <summary>All public keys that what was signed may rest on, oldest first; of each the master key vouches for it.</summary>
    public async Task<IReadOnlyList<Jwk>> Public(CancellationToken cancel) => [.. (await All(cancel)).Where(part => part.Doubt is null).Select(part => new Jwk(part.Key))];

    /// <summary>What is wrong with public parts, one line each: they are changed, or retired by a release that left no code of them.</summary>
    public async Task<IReadOnlyList<string>> Doubts(CancellationToken cancel) => [.. (await All(cancel)).Select(part => part.Doubt).OfType<string>()];

    /// <summary>For whoever verifies without the master key: as the database has them, on its word. True is only that a key's id is that of its bytes.</summary>
    public static async Task<IReadOnlyList<Jwk>> PublicOf(IJournal journal, CancellationToken cancel)
    {
        var keys = new List<Jwk>();
        for (var number = 1L; await journal.LoadKey(Private(number), cancel) is not null; number++)
        {
            if (await journal.LoadKey(PublicName(number), cancel) is { IsEmpty: false } key)
            {
                keys.Add(new Jwk(key));
            }
        }

        return keys;
    }

    /// <summary>An operator who knows a former key by its id vouches for it. False when there is none of that id.</summary>
    public async Task<bool> Keep(string keyId, CancellationToken cancel)
    {
        foreach (var part in await All(cancel))
        {
            if (new Jwk(part.Key).KeyId != keyId) continue;
            var code = await journal.PutKey(CodeName(part.Number), CodeOf(part.Number, part.Key), cancel);
            return Matches(code, CodeOf(part.Number, part.Key))
                ? true
                : throw new JournalRefusedException($"Signing key {part.Number} has a code that is not that of '{keyId}': somebody changed the database. Restore row '{CodeName(part.Number)}' of personal_keys, or delete it.");
        }

        return false;
    }

    /// <summary>A new key signs from now on; the former one's private part is destroyed.</summary>
    public async Task<Jwk> Rotate(CancellationToken cancel)
    {
        var former = await Last(cancel);
        if (former > 0) CryptographicOperations.ZeroMemory(await Seed(former, cancel)); // Its code stands before its private part goes.
        var seed = await Make(former + 1, cancel) ?? throw new CryptographicException("another process rotated at the same time: try again");
        using var key = new Ed25519PrivateKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        if (former > 0)
        {
            await journal.DestroyKey(Private(former), cancel);
        }

        return new Jwk(key.PublicKey);
    }

    /// <summary>Takes a former public key away: nothing that it signed verifies any more. False when there is none of that id, or it is the one that signs.</summary>
    public async Task<bool> Remove(string keyId, CancellationToken cancel)
    {
        var last = await Last(cancel);
        for (var number = 1L; number < last; number++)
        {
            if (await journal.LoadKey(PublicName(number), cancel) is { IsEmpty: false } key && new Jwk(key).KeyId == keyId)
            {
                await journal.DestroyKey(PublicName(number), cancel);
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _turn.Dispose();
    }

    private static string Private(long number) => $"{Prefix}{number.ToString(CultureInfo.InvariantCulture)}";

    private static string PublicName(long number) => $"{Private(number)}/public";

    private static string CodeName(long number) => $"{PublicName(number)}/code";

    private async Task<long> Last(CancellationToken cancel)
    {
        var number = 0L;
        while (await journal.LoadKey(Private(number + 1), cancel) is not null) number++;
        return number;
    }

    // The public part is put again at each load: a crash may have come between the two.
    private async Task<byte[]?> Seed(long number, CancellationToken cancel) =>
        await journal.LoadKey(Private(number), cancel) is { IsEmpty: false } wrapped ? await Published(number, wrapped, cancel) : null;

    private async Task<byte[]?> Make(long number, CancellationToken cancel)
    {
        var wrapped = await journal.PutKey(Private(number), Wrap(number, RandomNumberGenerator.GetBytes(Ed25519.SeedBytes)), cancel);
        return wrapped.IsEmpty ? null : await Published(number, wrapped, cancel);
    }

    private async Task<byte[]> Published(long number, ReadOnlyMemory<byte> wrapped, CancellationToken cancel)
    {
        var seed = Unwrap(number, wrapped.Span);
        var own = PublicPart(seed);
        if (!Matches(await PutIfNone(PublicName(number), own, cancel), own) || !Matches(await PutIfNone(CodeName(number), CodeOf(number, own), cancel), CodeOf(number, own)))
        {
            throw new JournalRefusedException($"{NotItsOwn(number)} Restore rows '{PublicName(number)}' and '{CodeName(number)}' of personal_keys from a backup, or delete them.");
        }

        return seed;
    }

    private async Task<ReadOnlyMemory<byte>> PutIfNone(string name, byte[] content, CancellationToken cancel) =>
        await journal.LoadKey(name, cancel) ?? await journal.PutKey(name, content, cancel);

    private async Task<IReadOnlyList<(long Number, ReadOnlyMemory<byte> Key, string? Doubt)>> All(CancellationToken cancel)
    {
        var all = new List<(long, ReadOnlyMemory<byte>, string?)>();
        for (var number = 1L; await journal.LoadKey(Private(number), cancel) is { } wrapped; number++)
        {
            var stored = await journal.LoadKey(PublicName(number), cancel);
            if (!wrapped.IsEmpty)
            {
                var seed = Unwrap(number, wrapped.Span);
                var own = PublicPart(seed);
                CryptographicOperations.ZeroMemory(seed);
                if (stored is not null)
                {
                    all.Add((number, own, Matches(stored.Value, own) ? null : NotItsOwn(number)));
                }
            }
            else if (stored is { IsEmpty: false } former)
            {
                var code = await journal.LoadKey(CodeName(number), cancel);
                all.Add((number, former, code is null ? $"Former signing key '{new Jwk(former).KeyId}' has no code under the master key: a release before this one retired it, or somebody changed the database. If you know its id, run keep-signing-key."
                    : Matches(code.Value, CodeOf(number, former)) ? null : NotItsOwn(number)));
            }
        }

        return all;
    }

    private byte[] CodeOf(long number, ReadOnlyMemory<byte> publicPart) => HMACSHA256.HashData(masterKey.Span, [.. Encoding.UTF8.GetBytes(CodeName(number)), .. publicPart.Span]);

    private static bool Matches(ReadOnlyMemory<byte> stored, byte[] right) => CryptographicOperations.FixedTimeEquals(stored.Span, right);

    private static string NotItsOwn(long number) => $"The public part of signing key {number} is not its own: somebody changed the database.";

    private static byte[] PublicPart(byte[] seed)
    {
        using var key = new Ed25519PrivateKey(seed);
        return key.PublicKey.ToArray();
    }

    private byte[] Wrap(long number, byte[] seed)
    {
        var box = new byte[1 + NonceBytes + TagBytes + seed.Length];
        box[0] = WrappedVersion;
        RandomNumberGenerator.Fill(box.AsSpan(1, NonceBytes));
        using var cipher = new AesGcm(masterKey.Span, TagBytes);
        cipher.Encrypt(box.AsSpan(1, NonceBytes), seed, box.AsSpan(1 + NonceBytes + TagBytes), box.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(Private(number)));
        CryptographicOperations.ZeroMemory(seed);
        return box;
    }

    private byte[] Unwrap(long number, ReadOnlySpan<byte> box)
    {
        if (box.Length != 1 + NonceBytes + TagBytes + Ed25519.SeedBytes || box[0] != WrappedVersion)
        {
            throw new CryptographicException("a signing key of an unknown form");
        }

        var seed = new byte[Ed25519.SeedBytes];
        using var cipher = new AesGcm(masterKey.Span, TagBytes);
        cipher.Decrypt(box.Slice(1, NonceBytes), box[(1 + NonceBytes + TagBytes)..], box.Slice(1 + NonceBytes, TagBytes), seed, Encoding.UTF8.GetBytes(Private(number)));
        return seed;
    }
}
