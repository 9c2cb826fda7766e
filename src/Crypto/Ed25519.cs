using NSec.Cryptography;

namespace Agora.Crypto;

/// <summary>Ed25519 (RFC 8032 §5.1), which .NET has not: sizes, and whether it can be had here.</summary>
public static class Ed25519
{
    public const int SeedBytes = 32;
    public const int PublicKeyBytes = 32;
    public const int SignatureBytes = 64;

    /// <summary>Null, or one line for the operator: asked at start, so that no process finds out at its first receipt.</summary>
    public static string? Missing => Libsodium.Missing;
}

/// <summary>A private key. Signs deterministically: the same message has one signature. Safe from any thread.</summary>
public sealed class Ed25519PrivateKey : IDisposable
{
    private readonly Key _key;

    /// <param name="seed">32 bytes (RFC 8032: the private key); random, and as secret as what is signed is worth.</param>
    public Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SeedBytes) throw new ArgumentException($"a seed has {Ed25519.SeedBytes} bytes, not {seed.Length}", nameof(seed));
        if (Ed25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _key = Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        PublicKey = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public void Dispose() => _key.Dispose();
}

/// <summary>A public key. Safe from any thread.</summary>
public sealed class Ed25519PublicKey
{
    // Null: it verifies nothing.
    private readonly PublicKey? _key;

    /// <param name="publicKey">32 bytes. Of those that are no point of the curve, or are nobody's key (<see cref="PublicKeyRules"/>), nothing verifies.</param>
    public Ed25519PublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Ed25519.PublicKeyBytes)
        {
            throw new ArgumentException($"a public key has {Ed25519.PublicKeyBytes} bytes, not {publicKey.Length}", nameof(publicKey));
        }

        if (Ed25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _key = PublicKeyRules.IsKey(publicKey) && PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key) ? key : null;
    }

    /// <summary>
    /// False for any signature that this key's owner did not make of this very message, whatever its form. The equation is RFC 8032's without the cofactor, as our clients
    /// in other languages check it: a second signature that differs by a point of low order is refused (<c>Ed25519Tests</c>).
    /// </summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        _key is not null && signature.Length == Ed25519.SignatureBytes && SignatureAlgorithm.Ed25519.Verify(_key, message, signature);
}
