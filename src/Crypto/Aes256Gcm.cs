using System.Security.Cryptography;

namespace Agora.Crypto;

/// <summary>AES-256-GCM (RFC 5116 §5.2) with a nonce of 12 bytes and the tag of 16 behind the ciphertext. A key and a nonce encrypt once, ever.</summary>
public static class Aes256Gcm
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;
    public const int TagBytes = 16;

    /// <returns>Ciphertext and tag.</returns>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plaintext)
    {
        using var aes = Cipher(key);
        var sealedText = new byte[plaintext.Length + TagBytes];
        aes.Encrypt(nonce, plaintext, sealedText.AsSpan(..plaintext.Length), sealedText.AsSpan(plaintext.Length), associated);
        return sealedText;
    }

    /// <returns>Null: nobody sealed this under this key, nonce and associated text.</returns>
    public static byte[]? Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> sealedText)
    {
        if (sealedText.Length < TagBytes) return null;
        using var aes = Cipher(key);
        var plaintext = new byte[sealedText.Length - TagBytes];
        try
        {
            aes.Decrypt(nonce, sealedText[..plaintext.Length], sealedText[plaintext.Length..], plaintext, associated);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> key) =>
        key.Length == KeyBytes ? new(key, TagBytes) : throw new ArgumentException($"a key has {KeyBytes} bytes, not {key.Length}", nameof(key));
}
