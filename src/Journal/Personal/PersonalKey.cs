using System.Security.Cryptography;

namespace Agora.Journal.Personal;

/// <summary>Fills the span with random bytes; the simulation's source is seeded.</summary>
public delegate void FillRandom(Span<byte> bytes);

/// <summary>
/// One user's data key. Sealed form: <c>version 1, nonce (12), tag (16), ciphertext</c>, AES-256-GCM with the caller's context as
/// associated data, so that what is sealed in one place does not open in another. Codes are HMAC-SHA-256 under a key of their own that follows
/// from it: they tell that two contents are the same, and without the key nobody can guess what was. Safe from any thread.
/// </summary>
public sealed class PersonalKey
{
    private const byte Erased = 0;
    private const byte Version = 1;
    private static readonly byte[] CodesOf = "agora/personal-codes"u8.ToArray();

    private readonly FillRandom _random;
    private readonly Lock _gate = new();
    private readonly byte[] _codes = [];
    private AesGcm? _cipher;

    internal PersonalKey(string id, ReadOnlySpan<byte> key, FillRandom random)
    {
        Id = id;
        _random = random;
        if (key.Length == 0) return;
        _cipher = new AesGcm(key, Box.TagBytes);
        _codes = HMACSHA256.HashData(key, CodesOf);
    }

    public string Id { get; }

    /// <summary>True once the key is known to be destroyed: by this process at once, by another as soon as it is asked for after the cache's time to live.</summary>
    public bool Destroyed
    {
        get { lock (_gate) return _cipher is null; }
    }

    /// <summary>Under a destroyed key nothing personal is kept: the result then holds nothing and opens to null for ever.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context)
    {
        lock (_gate) return _cipher is null ? [Erased] : Box.Seal(_cipher, Version, plaintext, context, _random);
    }

    /// <summary>The plaintext, or null when the key is destroyed. Throws <see cref="CryptographicException"/> when the bytes were changed or belong elsewhere.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedBytes, ReadOnlySpan<byte> context)
    {
        lock (_gate) return _cipher is null || sealedBytes is [Erased] ? null : Box.Open(_cipher, Version, sealedBytes, context);
    }

    /// <summary>The same for the same content, as long as the key exists; no bytes when it is destroyed.</summary>
    public byte[] Code(ReadOnlySpan<byte> content)
    {
        lock (_gate) return _cipher is null ? [] : HMACSHA256.HashData(_codes, content);
    }

    internal void Destroy()
    {
        lock (_gate)
        {
            CryptographicOperations.ZeroMemory(_codes);
            _cipher?.Dispose();
            _cipher = null;
        }
    }
}

/// <summary>The layout that sealed parts and wrapped keys share.</summary>
internal static class Box
{
    public const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int Overhead = 1 + NonceBytes + TagBytes;

    // Nonces are random: by the birthday bound a key is good for 2^32 seals, far above what one user writes.
    public static byte[] Seal(AesGcm cipher, byte version, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context, FillRandom random)
    {
        var box = new byte[Overhead + plaintext.Length];
        box[0] = version;
        var nonce = box.AsSpan(1, NonceBytes);
        random(nonce);
        cipher.Encrypt(nonce, plaintext, box.AsSpan(Overhead), box.AsSpan(1 + NonceBytes, TagBytes), context);
        return box;
    }

    public static byte[] Open(AesGcm cipher, byte version, ReadOnlySpan<byte> box, ReadOnlySpan<byte> context)
    {
        if (box.Length < Overhead || box[0] != version) throw new CryptographicException("sealed bytes of an unknown form");
        var plaintext = new byte[box.Length - Overhead];
        cipher.Decrypt(box.Slice(1, NonceBytes), box[Overhead..], box.Slice(1 + NonceBytes, TagBytes), plaintext, context);
        return plaintext;
    }
}
