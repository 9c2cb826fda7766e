using System.Buffers;
using System.Diagnostics;
using Agora.Models;
using Agora.Models.Dialects;
using Agora.Models.Wires;
using Agora.Outbound;

namespace Agora.Providers;

/// <summary>One request as its wire has it, whatever is asked for.</summary>
/// <param name="Path">Behind the provider's base URL.</param>
internal sealed record Asking(string Path, ReadOnlyMemory<byte> Body)
{
    /// <summary>It is answered by events, as they come.</summary>
    public bool Stream { get; private init; }

    /// <summary>What comes of it says nothing to others.</summary>
    public bool IsAside { get; init; }

    /// <summary>The caller of the request; null if it has no particular caller.</summary>
    public OutboundCaller? Caller { get; init; }

    /// <summary>Another key has refused the same request.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Of a stream: characters of all that its model says.</summary>
    public long MostSaid { get; private init; }

    /// <summary>Of a whole answer.</summary>
    public int MostBytes { get; private init; } = ModelLimits.ReplyBytes;

    /// <summary>A whole answer; throws <see cref="InvalidDataException"/> where it is none. Null: it is answered by bytes, which nobody here reads.</summary>
    public Func<ReadOnlyMemory<byte>, ModelReply>? Read { get; private init; }

    /// <summary>Reads the usage of an answer that <see cref="Read"/> cannot read. Null if such an answer costs nothing.</summary>
    public Func<ReadOnlyMemory<byte>, ProviderFault, ModelReply?>? ReadCounted { get; private init; }

    public string Accept => Stream ? "text/event-stream" : Read is null ? "application/octet-stream" : "application/json";

    /// <exception cref="DialectException">The provider cannot do this.</exception>
    public static Asking Of(IWire wire, ModelRequest request, string model, int maxOutputTokens)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        switch (request)
        {
            case EmbeddingRequest texts:
                var embeddings = wire.Embeddings ?? throw DialectException.Invalid("model", "This model's provider makes no vectors of texts.");
                embeddings.Write(texts, model, body);
                return new(embeddings.PathOf(model), body.WrittenMemory) { MostBytes = ModelLimits.VectorReplyBytes, Read = reply => embeddings.Read(texts, reply), ReadCounted = embeddings.ReadCounted };
            case SpeechRequest text:
                var speech = wire.Speech ?? throw DialectException.Invalid("model", "This model's provider reads no texts aloud.");
                speech.Write(text, model, body);
                return new(speech.PathOf(model), body.WrittenMemory);
            case { Kind: ModelKind.Chat }:
                wire.Write(request, model, maxOutputTokens, body);
                return new(wire.PathOf(model, request.Stream), body.WrittenMemory) { Stream = request.Stream, Read = wire.Read, ReadCounted = wire.ReadCounted, MostSaid = ModelLimits.SaidOf(maxOutputTokens) };
            default:
                throw new UnreachableException(request.GetType().Name);
        }
    }

    /// <summary>What the request would read, without making it.</summary>
    /// <exception cref="DialectException">The provider does not say that, or cannot do this.</exception>
    public static Asking Count(IWire wire, ModelRequest request, string model)
    {
        var counting = wire.Counting ?? throw DialectException.Invalid("model", "This model's provider does not count what a request would read.");
        var body = new ArrayBufferWriter<byte>(1024);
        counting.Write(request, model, body);
        return new(counting.PathOf(model), body.WrittenMemory) { Read = count => new(null, null, [], new(Input: counting.Read(count)), Finish.Stop) };
    }
}
