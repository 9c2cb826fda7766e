using System.Security.Cryptography;

namespace Agora.Journal;

/// <summary>Fills a span with random bytes; the simulation hands in a seeded one.</summary>
public delegate void RandomFill(Span<byte> bytes);

/// <summary>
/// One key a person: what it sealed is readable while it exists, and never again. Keys are random, wrapped by the master key,
/// and kept in the journal's own table, so that a backup of the rows without it tells nothing personal after an erasure.
/// <para>Cached for at most a second, so that a key destroyed through another process stops opening within that time.</para>
/// </summary>
public sealed class PersonalKeys(IJournal journal, ReadOnlyMemory<byte> masterKey, TimeProvider time, RandomFill random)
{
    private const int CacheSize = 100_000;
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (PersonalKey Key, long ReadAt)> _cache = new(StringComparer.Ordinal);

    /// <summary>The key, made at first use; one that was destroyed opens nothing and seals to nothing.</summary>
    public ValueTask<PersonalKey> Get(string keyId, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_cache.TryGetValue(keyId, out var cached) && time.GetElapsedTime(cached.ReadAt) < FreshFor)
            {
                return new(cached.Key);
            }
        }

        return new(Read(keyId, cancel));
    }

    /// <summary>For ever: afterwards nothing that this key sealed is readable.</summary>
    public async Task Destroy(string keyId, CancellationToken cancel)
    {
        await journal.DestroyKey(keyId, cancel);
        Keep(keyId, new(keyId, null, random));
    }

    private async Task<PersonalKey> Read(string keyId, CancellationToken cancel)
    {
        var readAt = time.GetTimestamp();
        var wrapped = await journal.LoadKey(keyId, cancel);
        if (wrapped is null)
        {
            var made = new byte[Aead.KeyBytes];
            random(made);
            wrapped = await journal.PutKey(keyId, Aead.Seal(masterKey.Span, made, Context(keyId), random), cancel);
        }

        var key = new PersonalKey(keyId, wrapped.Value.IsEmpty ? null : Aead.Open(masterKey.Span, wrapped.Value.Span, Context(keyId)), random);
        Keep(keyId, key, readAt);
        return key;
    }

    private void Keep(string keyId, PersonalKey key, long? readAt = null)
    {
        lock (_gate)
        {
            if (_cache.Count >= CacheSize)
            {
                _cache.Clear();
            }

            _cache[keyId] = (key, readAt ?? time.GetTimestamp());
        }
    }

    private static byte[] Context(string keyId) => System.Text.Encoding.UTF8.GetBytes("personal key\n" + keyId);
}

/// <summary>A person's key in hand. A destroyed one has no key bytes.</summary>
public sealed class PersonalKey(string id, byte[]? key, RandomFill random)
{
    public string Id { get; } = id;

    public bool IsDestroyed => key is null;

    /// <param name="context">What the sealed value is bound to; it must be given again to open it.</param>
    /// <returns>Empty when the key was destroyed: nothing personal is kept then.</returns>
    public ReadOnlyMemory<byte> Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context) => key is null ? default : Aead.Seal(key, plain, context, random);

    /// <returns>Null when the key was destroyed.</returns>
    /// <exception cref="CryptographicException">The bytes were changed, or moved to another place.</exception>
    public byte[]? Open(ReadOnlySpan<byte> @sealed, ReadOnlySpan<byte> context) => key is null || @sealed.IsEmpty ? null : Aead.Open(key, @sealed, context);
}

/// <summary>AES-256-GCM (NIST SP 800-38D) as version ‖ nonce ‖ tag ‖ ciphertext. Random 96-bit nonces: fine for the 2³² values one key may seal.</summary>
internal static class Aead
{
    public const int KeyBytes = 32;
    private const byte Version = 1;
    private const int Nonce = 12;
    private const int Tag = 16;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context, RandomFill random)
    {
        var result = new byte[1 + Nonce + Tag + plain.Length];
        result[0] = Version;
        var nonce = result.AsSpan(1, Nonce);
        random(nonce);
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(nonce, plain, result.AsSpan(1 + Nonce + Tag), result.AsSpan(1 + Nonce, Tag), context);
        return result;
    }

    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> @sealed, ReadOnlySpan<byte> context)
    {
        if (@sealed.Length < 1 + Nonce + Tag || @sealed[0] != Version)
        {
            throw new CryptographicException("Not a sealed value of a known version.");
        }

        var plain = new byte[@sealed.Length - 1 - Nonce - Tag];
        using var aes = new AesGcm(key, Tag);
        aes.Decrypt(@sealed.Slice(1, Nonce), @sealed[(1 + Nonce + Tag)..], @sealed.Slice(1 + Nonce, Tag), plain, context);
        return plain;
    }
}
