using System.Security.Cryptography;

namespace Agora.Crypto;

/// <summary>X25519 (RFC 7748 §5), which .NET has not.</summary>
public static class X25519
{
    public const int KeyBytes = 32;

    /// <summary>Null, or one line that says what to install.</summary>
    public static string? Missing => LibCrypto.Missing;
}

/// <summary>A private key that a secret is agreed on with. Safe from any thread.</summary>
public sealed class X25519PrivateKey : IDisposable
{
    private readonly LibCrypto.KeyHandle _key;

    /// <param name="key">32 random bytes; which of their bits count is X25519's affair.</param>
    public X25519PrivateKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != X25519.KeyBytes) throw new ArgumentException($"a private key has {X25519.KeyBytes} bytes, not {key.Length}", nameof(key));
        if (X25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _key = LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.X25519, IntPtr.Zero, key, (nuint)key.Length);
        if (_key.IsInvalid) throw Failure("takes no private key");
        var (publicKey, length) = (new byte[X25519.KeyBytes], (nuint)X25519.KeyBytes);
        if (LibCrypto.EVP_PKEY_get_raw_public_key(_key, publicKey, ref length) != LibCrypto.Success || length != X25519.KeyBytes)
        {
            throw Failure("gives no public key");
        }

        PublicKey = publicKey;
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <returns>
    /// Null: the other key is none of 32 bytes, or of low order, so that the secret would be zero, whoever's private key it is (RFC 7748 §6.1). Else
    /// the secret; every other 32 bytes have one.
    /// </returns>
    public byte[]? SharedSecret(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != X25519.KeyBytes) return null;
        using var peer = LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.X25519, IntPtr.Zero, publicKey, (nuint)publicKey.Length);
        using var context = LibCrypto.EVP_PKEY_CTX_new(_key, IntPtr.Zero);
        if (peer.IsInvalid || context.IsInvalid || LibCrypto.EVP_PKEY_derive_init(context) != LibCrypto.Success || LibCrypto.EVP_PKEY_derive_set_peer(context, peer) != LibCrypto.Success)
        {
            throw Failure("derives nothing");
        }

        var (secret, length) = (new byte[X25519.KeyBytes], (nuint)X25519.KeyBytes);
        if (LibCrypto.EVP_PKEY_derive(context, secret, ref length) == LibCrypto.Success && length == X25519.KeyBytes && secret.AsSpan().ContainsAnyExcept((byte)0))
        {
            return secret;
        }

        LibCrypto.ERR_clear_error();
        return null;
    }

    public void Dispose() => _key.Dispose();

    private static CryptographicException Failure(string what)
    {
        LibCrypto.ERR_clear_error();
        return new CryptographicException($"OpenSSL {what} of X25519");
    }
}
