using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Cached;

/// <summary>Stored names, for ever.</summary>
public static class CachedCodec
{
    public static readonly UnionCodec<CachedEvent> Events = new UnionCodec<CachedEvent>()
        .Case<CachedEvent.Claimed>("cached.claimed")
        .Case<CachedEvent.Filled>("cached.filled", personal: e => e.Reply, with: (e, reply) => e with { Reply = reply })
        .Case<CachedEvent.Released>("cached.released");

    public static readonly UnionCodec<CachedCommand> Commands = new UnionCodec<CachedCommand>()
        .Case<CachedCommand.Claim>("cached.claim")
        .Case<CachedCommand.Fill>("cached.fill")
        .Case<CachedCommand.Release>("cached.release")
        .Case<CachedCommand.Tick>("cached.tick");

    public static byte[] Save(CachedState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View), StoredJson.Options);

    public static CachedState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View);
    }

    private sealed record Saved(string Stream, CachedView? View);
}
