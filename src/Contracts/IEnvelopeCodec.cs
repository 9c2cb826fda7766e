namespace Agora.Contracts;

/// <summary>
/// Turns envelopes into bytes and back, at the borders of a process only. Knows the stored names of all commands, replies and
/// rejections; a body that has none, such as the answer of a step, cannot be encoded, so nobody outside can forge one.
/// </summary>
public interface IEnvelopeCodec
{
    /// <exception cref="NotSupportedException">The body has no stored name.</exception>
    byte[] Encode(Envelope envelope);

    /// <exception cref="FormatException">The bytes are no envelope, or name a body that is unknown here.</exception>
    Envelope Decode(ReadOnlyMemory<byte> bytes);
}
