using System.Buffers.Binary;
using System.Text;
using Agora.Crypto;

namespace Agora.Client.Http.Sealing;

/// <summary>What is encrypted: the sender's signature, the content's type with its length before it, and the content.</summary>
internal sealed record Content(ReadOnlyMemory<byte> Signature, string Type, ReadOnlyMemory<byte> Bytes)
{
    private const int TypeAt = Ed25519.SignatureBytes + 4;

    /// <returns>Null: it has not this form.</returns>
    public static Content? Read(ReadOnlyMemory<byte> plaintext)
    {
        if (plaintext.Length < TypeAt) return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(plaintext.Span[Ed25519.SignatureBytes..]);
        if (length > plaintext.Length - TypeAt) return null;
        var (type, bytes) = (Encoding.Latin1.GetString(plaintext.Span.Slice(TypeAt, (int)length)), plaintext[(TypeAt + (int)length)..]);
        return SealingLimits.IsContentType(type) ? new(plaintext[..Ed25519.SignatureBytes], type, bytes) : null;
    }
}
