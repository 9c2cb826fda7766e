using Agora.Contracts;

namespace Agora.Simulation.Cluster;

/// <summary>
/// What a border between processes does to an envelope, by the product's own codec: nothing that is not in the bytes gets
/// across, and a command that nobody outside may send fails here.
/// </summary>
public static class Border
{
    private static readonly EnvelopeCodec Codec = new();

    public static Envelope Recode(Envelope envelope) => Codec.Decode(Codec.Encode(envelope));
}
