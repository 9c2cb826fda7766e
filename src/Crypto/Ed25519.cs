using System.Security.Cryptography;

namespace Agora.Crypto;

/// <summary>Ed25519 (RFC 8032 §5.1), which .NET has not: sizes, and whether it can be had here.</summary>
public static class Ed25519
{
    public const int SeedBytes = 32;
    public const int PublicKeyBytes = 32;
    public const int SignatureBytes = 64;

    /// <summary>Null, or one line for the operator: asked at start, so that no process finds out at its first receipt.</summary>
    public static string? Missing => LibCrypto.Missing;
}

/// <summary>A private key. Signs deterministically: the same message has one signature. Safe from any thread.</summary>
public sealed class Ed25519PrivateKey : IDisposable
{
    private readonly LibCrypto.KeyHandle _key;

    /// <param name="seed">32 bytes (RFC 8032: the private key); random, and as secret as what is signed is worth.</param>
    public Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SeedBytes) throw new ArgumentException($"a seed has {Ed25519.SeedBytes} bytes, not {seed.Length}", nameof(seed));
        if (Ed25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _key = LibCrypto.EVP_PKEY_new_raw_private_key(LibCrypto.Ed25519, IntPtr.Zero, seed, (nuint)seed.Length);
        if (_key.IsInvalid) throw Failure("takes no private key");
        var (publicKey, length) = (new byte[Ed25519.PublicKeyBytes], (nuint)Ed25519.PublicKeyBytes);
        if (LibCrypto.EVP_PKEY_get_raw_public_key(_key, publicKey, ref length) != LibCrypto.Success || length != Ed25519.PublicKeyBytes)
        {
            throw Failure("gives no public key");
        }

        PublicKey = publicKey;
    }

    public ReadOnlyMemory<byte> PublicKey { get; }

    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        using var context = LibCrypto.EVP_MD_CTX_new();
        var (signature, length) = (new byte[Ed25519.SignatureBytes], (nuint)Ed25519.SignatureBytes);
        return !context.IsInvalid
            && LibCrypto.EVP_DigestSignInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, _key) == LibCrypto.Success
            && LibCrypto.EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length) == LibCrypto.Success
            && length == Ed25519.SignatureBytes
            ? signature
            : throw Failure("does not sign");
    }

    public void Dispose() => _key.Dispose();

    internal static CryptographicException Failure(string what)
    {
        LibCrypto.ERR_clear_error();
        return new CryptographicException($"OpenSSL {what} of Ed25519");
    }
}

/// <summary>A public key. Safe from any thread.</summary>
public sealed class Ed25519PublicKey : IDisposable
{
    private readonly LibCrypto.KeyHandle _key;
    private readonly bool _isKey;

    // What verifying begins with, looking up the algorithm, takes OpenSSL a tenth of the whole: it is kept for the next one.
    private LibCrypto.ContextHandle? _idle;

    /// <param name="publicKey">32 bytes. Of those that are no point of the curve, or are nobody's key (<see cref="PublicKeyRules"/>), nothing verifies.</param>
    public Ed25519PublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Ed25519.PublicKeyBytes)
        {
            throw new ArgumentException($"a public key has {Ed25519.PublicKeyBytes} bytes, not {publicKey.Length}", nameof(publicKey));
        }

        if (Ed25519.Missing is { } missing) throw new PlatformNotSupportedException(missing);
        _isKey = PublicKeyRules.IsKey(publicKey);
        _key = LibCrypto.EVP_PKEY_new_raw_public_key(LibCrypto.Ed25519, IntPtr.Zero, publicKey, (nuint)publicKey.Length);
        if (_key.IsInvalid) throw Ed25519PrivateKey.Failure("takes no public key");
    }

    /// <summary>False for any signature that this key's owner did not make of this very message, whatever its form.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!_isKey || signature.Length != Ed25519.SignatureBytes) return false;

        // Releases of OpenSSL differ in whether a context verifies twice (EVP_R_FINAL_ERROR), so only what is good counts of one that did before.
        return (Interlocked.Exchange(ref _idle, null) is { } used && Verify(used, message, signature)) || Verify(Ready(), message, signature);
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _idle, null)?.Dispose();
        _key.Dispose();
    }

    private bool Verify(LibCrypto.ContextHandle context, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (LibCrypto.EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == LibCrypto.Success)
        {
            Interlocked.Exchange(ref _idle, context)?.Dispose();
            return true;
        }

        LibCrypto.ERR_clear_error();
        context.Dispose();
        return false;
    }

    private LibCrypto.ContextHandle Ready()
    {
        var context = LibCrypto.EVP_MD_CTX_new();
        if (context.IsInvalid || LibCrypto.EVP_DigestVerifyInit(context, IntPtr.Zero, IntPtr.Zero, IntPtr.Zero, _key) != LibCrypto.Success)
        {
            context.Dispose();
            throw Ed25519PrivateKey.Failure("does not verify");
        }

        return context;
    }
}
