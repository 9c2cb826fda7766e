using Agora.Contracts;

namespace Agora.Specifications;

/// <summary>Encodes the specifications' bodies, which are strings.</summary>
public sealed class TextEnvelopeCodec : IEnvelopeCodec
{
    private int _decoded;

    /// <summary>Envelopes that crossed a border.</summary>
    public int Decoded => _decoded;

    public byte[] Encode(Envelope envelope)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(envelope.CommandId.ToByteArray());
        writer.Write(envelope.Trace ?? "");
        writer.Write((string)envelope.Body);
        writer.Flush();
        return bytes.ToArray();
    }

    public Envelope Decode(ReadOnlyMemory<byte> bytes)
    {
        Interlocked.Increment(ref _decoded);
        using var reader = new BinaryReader(new MemoryStream(bytes.ToArray()));
        var id = new Guid(reader.ReadBytes(16));
        var trace = reader.ReadString();
        return new Envelope(id, trace.Length == 0 ? null : trace, reader.ReadString());
    }
}
