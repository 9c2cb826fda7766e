using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Agora.Crypto;

/// <summary>
/// HPKE (RFC 9180) in base mode, one message a key agreement, of one suite: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM
/// 0x0002. Whoever has the private key opens it; it does not say who sealed it.
/// </summary>
public static class Hpke
{
    private const int HashBytes = SHA256.HashSizeInBytes;

    private static readonly byte[] Version = "HPKE-v1"u8.ToArray();
    private static readonly byte[] Kem = [.. "KEM"u8, 0x00, 0x20];
    private static readonly byte[] Suite = [.. "HPKE"u8, 0x00, 0x20, 0x00, 0x01, 0x00, 0x02];

    /// <param name="info">What both sides know of the purpose; it is not sent.</param>
    /// <returns>The key that is sent along, and the ciphertext with its tag. Null: the public key is nobody's.</returns>
    public static (byte[] Encapsulated, byte[] Ciphertext)? Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> random = stackalloc byte[X25519.KeyBytes];
        RandomNumberGenerator.Fill(random);
        using var ephemeral = new X25519PrivateKey(random);
        CryptographicOperations.ZeroMemory(random);
        return Seal(ephemeral, publicKey, info, associated, plaintext);
    }

    /// <summary>With a key of one's own, as vectors have it: one that seals twice gives the same key and nonce twice.</summary>
    internal static (byte[] Encapsulated, byte[] Ciphertext)? Seal(X25519PrivateKey ephemeral, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        if (Shared(ephemeral, publicKey, ephemeral.PublicKey.Span, publicKey) is not { } shared) return null;
        var (key, nonce) = Schedule(shared, info);
        return (ephemeral.PublicKey.ToArray(), Aes256Gcm.Seal(key, nonce, associated, plaintext));
    }

    /// <returns>Null: it was not sealed to this key for this purpose, or is not as it was.</returns>
    public static byte[]? Open(X25519PrivateKey key, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> ciphertext)
    {
        if (Shared(key, encapsulated, encapsulated, key.PublicKey.Span) is not { } shared) return null;
        var (contentKey, nonce) = Schedule(shared, info);
        return Aes256Gcm.Open(contentKey, nonce, associated, ciphertext);
    }

    /// <summary>§4.1, Encap and Decap: one private key, the other's public key, then both public keys in the order of sender and recipient.</summary>
    internal static byte[]? Shared(X25519PrivateKey own, ReadOnlySpan<byte> other, ReadOnlySpan<byte> encapsulated, ReadOnlySpan<byte> recipient) =>
        own.SharedSecret(other) is { } secret ? Expand(Extract([], Kem, "eae_prk"u8, secret), Kem, "shared_secret"u8, [.. encapsulated, .. recipient], HashBytes) : null;

    /// <summary>§5.1, KeySchedule of mode_base.</summary>
    private static (byte[] Key, byte[] Nonce) Schedule(byte[] shared, ReadOnlySpan<byte> info)
    {
        byte[] context = [0x00, .. Extract([], Suite, "psk_id_hash"u8, []), .. Extract([], Suite, "info_hash"u8, info)];
        var secret = Extract(shared, Suite, "secret"u8, []);
        return (Expand(secret, Suite, "key"u8, context, Aes256Gcm.KeyBytes), Expand(secret, Suite, "base_nonce"u8, context, Aes256Gcm.NonceBytes));
    }

    private static byte[] Extract(byte[] salt, byte[] suite, ReadOnlySpan<byte> label, ReadOnlySpan<byte> keying) =>
        HKDF.Extract(HashAlgorithmName.SHA256, [.. Version, .. suite, .. label, .. keying], salt);

    private static byte[] Expand(byte[] key, byte[] suite, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, int length)
    {
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)length);
        return HKDF.Expand(HashAlgorithmName.SHA256, key, length, [.. size, .. Version, .. suite, .. label, .. info]);
    }
}
