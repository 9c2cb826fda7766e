using NSec.Cryptography;

namespace Agora.Crypto;

/// <summary>X25519 (RFC 7748 §5), which .NET has not.</summary>
public static class X25519
{
    public const int KeyBytes = 32;

    /// <summary>Null, or one line that says what to install.</summary>
    public static string? Missing => Libsodium.Missing;
}

/// <summary>A private key that a secret is agreed on with. Safe from any thread.</summary>
public sealed class X25519PrivateKey : IDisposable
{
    // HPKE hashes the secret together with both public keys, so it has to leave NSec's guarded memory.
    private static SharedSecretCreationParameters Exported => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    private readonly Key _key;

    /// <param name="key">32 random bytes; which of their bits count is X25519's affair.</param>
    public X25519PrivateKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != X25519.KeyBytes) throw new ArgumentException($"a private key has {X25519.KeyBytes} bytes, not {key.Length}", nameof(key));
        if (X25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _key = Key.Import(KeyAgreementAlgorithm.X25519, key, KeyBlobFormat.RawPrivateKey);
        PublicKey = _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <returns>
    /// Null: the other key is none of 32 bytes, or of low order, so that the secret would be zero, whoever's private key it is (RFC 7748 §6.1). Else
    /// the secret; every other 32 bytes have one.
    /// </returns>
    public byte[]? SharedSecret(ReadOnlySpan<byte> publicKey)
    {
        if (!NSec.Cryptography.PublicKey.TryImport(KeyAgreementAlgorithm.X25519, publicKey, KeyBlobFormat.RawPublicKey, out var other) || other is null)
        {
            return null;
        }

        using var secret = KeyAgreementAlgorithm.X25519.Agree(_key, other, Exported);
        return secret?.Export(SharedSecretBlobFormat.RawSharedSecret);
    }

    public void Dispose() => _key.Dispose();
}
