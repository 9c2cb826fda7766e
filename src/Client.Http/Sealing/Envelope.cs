using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Agora.Crypto;

namespace Agora.Client.Http.Sealing;

/// <summary>
/// What a message is bound to, and the bytes of it that are signed and authenticated: texts with their lengths before them, so that no two bindings have the same
/// bytes. docs/encryption.md has the format.
/// </summary>
internal sealed record Envelope(string Conversation, string MessageId, string Sender)
{
    private const string Label = "agora sealed 1";

    public byte[] KeyInfo(string agent, string keyId) => Frame($"{Label} key", Conversation, MessageId, Sender, agent, keyId);

    /// <summary>The content's key and nonce, and what commits to the secret: no other secret has the same, so all recipients open the same content or none.</summary>
    public (byte[] Key, byte[] Nonce, byte[] Commitment) Derive(ReadOnlySpan<byte> secret)
    {
        Span<byte> derived = stackalloc byte[Aes256Gcm.KeyBytes + SHA256.HashSizeInBytes + Aes256Gcm.NonceBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, salt: [], Frame($"{Label} content", Conversation, MessageId, Sender));
        return (derived[..32].ToArray(), derived[64..].ToArray(), derived[32..64].ToArray());
    }

    /// <summary>Each recipient's part is authenticated with the content: a change in one of them is seen by all.</summary>
    public byte[] Associated(IReadOnlyList<SealedTo> to) =>
        [.. Frame($"{Label} message", Conversation, MessageId, Sender), .. Size(to.Count), .. to.SelectMany(one => (byte[])[.. Text(one.Agent), .. Text(one.KeyId), .. Bytes(one.Encapsulated), .. Bytes(one.Ciphertext)])];

    /// <summary>A recipient cannot pass it on as if it had been meant for others.</summary>
    public byte[] Signed(IEnumerable<(string Agent, string KeyId)> to, string contentType, ReadOnlySpan<byte> content)
    {
        var all = to.ToList();
        return [.. Frame($"{Label} signature", Conversation, MessageId, Sender, contentType), .. Bytes(content), .. Size(all.Count), .. all.SelectMany(one => (byte[])[.. Text(one.Agent), .. Text(one.KeyId)])];
    }

    public static byte[] Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    private static byte[] Frame(params string[] texts) => [.. texts.SelectMany(Text)];

    private static byte[] Bytes(ReadOnlySpan<byte> bytes) => [.. Size(bytes.Length), .. bytes];

    private static byte[] Size(int size)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, size);
        return bytes;
    }
}
